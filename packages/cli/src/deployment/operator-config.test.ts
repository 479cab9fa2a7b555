import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { readOperatorConfig } from './operator-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-operator-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

it.each([
  ['a front end', 'name: front\nimap:\n  listeners: []\nhomes:\n  caFile: ca.crt\n'],
  ['a back end', 'site: dublin\nimap:\n  port: 993\n'],
])('readOperatorConfig() says in one line that a file configures %s', async (service, text) => {
  const file = join(folder, 'service.yaml');
  await writeFile(file, text);
  await writeFile(join(folder, 'homeward.yaml'), '');
  await expect(readOperatorConfig(file, {})).rejects.toMatchObject({
    exitCode: EXIT_CODES.configuration,
    lines: [
      `${file} configures ${service}; this command wants the deployment's homeward.yaml: ` +
        `--config ${join(folder, 'homeward.yaml')}`,
    ],
  });
});

it('readOperatorConfig() names every problem of an operator’s own file', async () => {
  const file = join(folder, 'homeward.yaml');
  await writeFile(file, 'hostname: mail.example.org\nhomes: {}\n');
  await expect(readOperatorConfig(file, {})).rejects.toMatchObject({
    lines: expect.arrayContaining([expect.stringContaining('homes.caFile')]) as unknown,
  });
});
