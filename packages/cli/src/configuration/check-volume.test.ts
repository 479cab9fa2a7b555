import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runHomewardHere } from '../testing/run-homeward.ts';
import { checkVolume } from './check-volume.ts';
import type { Findings } from './findings.ts';

let temp: TempFolder;
beforeAll(async () => {
  temp = await createTempFolder();
  await mkdir(temp.join('there'));
  await writeFile(temp.join('file'), '');
});
afterAll(() => temp[Symbol.asyncDispose]());

async function check(volumeFolder: string): Promise<Findings> {
  const findings: Findings = { problems: [], warnings: [] };
  await checkVolume('backend.yaml', volumeFolder, findings);
  return findings;
}

it.each(['there', 'there/to/be/made'])(
  'checkVolume() takes %s and leaves nothing',
  async (name) => {
    expect(await check(temp.join(name))).toEqual({ problems: [], warnings: [] });
    expect(await readdir(temp.join('there'))).toEqual([]);
  },
);

it.each([
  ['file', 'ENOTDIR'],
  ['file/below', 'ENOTDIR'],
])('checkVolume() warns of %s, which can be no folder', async (name, code) => {
  const folder = temp.join(name);
  expect(await check(folder)).toEqual({
    problems: [],
    warnings: [
      `backend.yaml: volumeFolder: ${folder}: ${temp.join('file')} cannot be written here ` +
        `(${code}); mount or make it, and give it to the user who runs the back end`,
    ],
  });
});

it.runIf(process.platform === 'linux')('checkVolume() warns where nobody can write', async () => {
  const { warnings } = await check('/proc/homeward/mail');
  expect(warnings[0]).toContain('/proc cannot be written here (ENOENT)');
});

it('homeward config check tells of it', async () => {
  const file = temp.join('backend.yaml');
  await writeFile(temp.join('a.crt'), '');
  const tls = 'tls: { certificates: [{ certFile: a.crt, keyFile: a.crt }] }\n';
  const workers = 'workers: [{ imaps: { port: 1 }, pop3s: { port: 2 } }]\n';
  const directory = 'directory: { driver: embedded, path: directory.db }\n';
  await writeFile(file, `site: dublin\nvolumeFolder: file\n${workers}${tls}${directory}`);
  const { stderr } = await runHomewardHere(['config', 'check', '--offline', file]);
  expect(stderr).toContain(`warning: ${file}: volumeFolder: ${temp.join('file')}: `);
});
