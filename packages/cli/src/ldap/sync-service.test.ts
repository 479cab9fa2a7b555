/** `homeward ldap sync --every` as processes; with a real LDAP server in `ldap-commands.peers.test.ts`. */
import {
  createTempFolder,
  type RunningProcess,
  startNode,
  type TempFolder,
} from '@homeward/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { LAUNCHER, runHomeward } from '../testing/run-homeward.ts';

let temp: TempFolder;
beforeAll(async () => {
  temp = await createTempFolder('ldap-sync');
  const args = ['--folder', temp.path, '--hostname', 'mail.example.org', '--site', 'dublin'];
  await runHomeward(['init', ...args]);
});
afterAll(() => temp.remove());

function startSync(): RunningProcess {
  const args = ['ldap', 'sync', '--every', '15m', '--config', temp.join('homeward.yaml')];
  return startNode(LAUNCHER, { args });
}

test('stays though LDAP is not set up, one of two hosts runs, and SIGTERM ends it with 0', async () => {
  await using one = startSync();
  const [line] = await one.waitForLine(/.*"ldap-sync\.failed".*/);
  expect(JSON.parse(line)).toMatchObject({
    level: 'error',
    service: 'ldap-sync',
    reason: 'configuration',
    detail: expect.stringContaining('set ldap.servers') as string,
  });
  await using two = startSync();
  await two.waitForLine(/"ldap-sync\.stood-by"/);
  one.signal('SIGTERM');
  expect(await one.waitForExit()).toEqual({ code: 0, signal: null });
  await one.waitForLine(/"service\.stopped".*"exitCode":0/);
  // It gave the duty up: whoever comes need not wait until it expires.
  await using three = startSync();
  await three.waitForLine(/"ldap-sync\.duty-taken"/);
  for (const still of [two, three]) {
    still.signal('SIGINT');
    expect(await still.waitForExit()).toEqual({ code: 0, signal: null });
  }
});

test.each([
  ['--every', '5'],
  ['--every', '15m', '--force'],
  ['--every', '15m', '--dry-run'],
])('refuses %s %s %s', async (...args) => {
  const { code } = await runHomeward(['ldap', 'sync', ...args]);
  expect(code).toBe(EXIT_CODES.usage);
});

test('ends at once where there is no deployment', async () => {
  const config = temp.join('nowhere.yaml');
  const { code, stderr } = await runHomeward(['ldap', 'sync', '--every', '15m', '-c', config]);
  expect(code).toBe(EXIT_CODES.configuration);
  expect(stderr).toContain('there is no homeward.yaml');
});
