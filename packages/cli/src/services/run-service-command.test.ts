import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { runHomewardHere } from '../testing/run-homeward.ts';

let temp: TempFolder;
beforeAll(async () => {
  temp = await createTempFolder();
});
afterAll(() => temp[Symbol.asyncDispose]());

it.each([
  [
    'frontend',
    'site: dublin\nvolumeFolder: mail\ndeletedMailboxes: {}\n',
    'a back end; run homeward backend --config FILE',
  ],
  [
    'backend',
    'name: fe1\nhomes:\n  caFile: ca.crt\nticket: {}\n',
    'a front end; run homeward frontend --config FILE',
  ],
  [
    'frontend',
    'hostname: mail.example.org\nhomes:\n  caFile: ca.crt\n',
    'a deployment, for operators’ commands; homeward frontend wants the file of a front end',
  ],
  [
    'backend',
    'hostname: mail.example.org\nhomes:\n  caFile: ca.crt\n',
    'a deployment, for operators’ commands; homeward backend wants the file of a back end',
  ],
])('homeward %s says of %j what it configures, and no more', async (service, text, words) => {
  const file = temp.join('given.yaml');
  await writeFile(file, text);
  const { code, stderr } = await runHomewardHere([service, '--config', file]);
  expect({ code, stderr }).toEqual({
    code: EXIT_CODES.configuration,
    stderr: `homeward: ${file} configures ${words.replace('FILE', file)}\n`,
  });
});

it.each([
  ['frontend', 'homes:\n  caFil: ca.crt\n', /homes\.caFil: is not a known key/],
  ['backend', 'site: dublin\nvolumFolder: mail\n', /volumFolder: is not a known key/],
  ['backend', 'imap: {}\n', /site: is missing/],
])('homeward %s names every problem of %j, which is its own', async (service, text, problem) => {
  const file = temp.join('given.yaml');
  await writeFile(file, text);
  const { code, stderr } = await runHomewardHere([service, '--config', file]);
  expect(code).toBe(EXIT_CODES.configuration);
  expect(stderr).toMatch(problem);
  expect(stderr).not.toContain('configures');
});
