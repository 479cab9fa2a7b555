/** What lists print of ordinary data: no wider than a terminal of 80 columns. */
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatEntries } from '../queue/queue-view.ts';
import { formatSessions } from '../sessions/list-sessions.ts';
import { runHomeward } from '../testing/run-homeward.ts';
import { formatThrottles } from '../throttle/show-throttle.ts';

/** 30 characters. */
const ADDRESS = 'annabelle.vanberg@example.test';

let temp: TempFolder;
beforeAll(async () => {
  temp = await createTempFolder('list-width');
  const sites = ['--site', 'copenhagen=203.0.113.115', '--site', 'dublin=203.0.113.116'];
  await homeward('init', '--folder', temp.path, '--hostname', 'mail.example.test', ...sites);
  const who = [ADDRESS, '--site', 'copenhagen', '--display-name', 'Annabelle van den Berg'];
  await homeward('account', 'add', ...who, '--without-password');
  await homeward('account', 'app-password', 'add', ADDRESS, '--label', 'Thunderbird at home');
  await homeward('component', 'set', 'site:copenhagen', 'inactive', '--why', 'new disks');
  const group = ['everybody.in.denmark@example.test', '--alias', 'all.danes@example.test'];
  await homeward('group', 'add', ...group, '--display-name', 'Everybody in Denmark');
});
afterAll(() => temp.remove());

async function homeward(...args: readonly string[]): Promise<string> {
  const env = { HOMEWARD_CONFIG: temp.join('homeward.yaml') };
  const { code, stdout, stderr } = await runHomeward(args, { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

test.each<string[]>([
  ['account', 'list'],
  ['account', 'app-password', 'list', ADDRESS],
  ['group', 'list'],
  ['site', 'list'],
  ['site', 'show', 'copenhagen'],
  ['component', 'list'],
  ['settings', 'list'],
  ['certificates', 'list'],
  ['ticket-key', 'list'],
])('homeward %s %s', async (...args) => {
  const text = await homeward(...args);
  expect(text.split('\n').length).toBeGreaterThan(2);
  expect(widthOf(text)).toBeLessThanOrEqual(80);
});

test('homeward session list', () => {
  const session = {
    conversation: '4F6QX2M7K9PA',
    account: ADDRESS,
    delegate: 'secretary@example.test',
    protocol: 'submission',
    site: 'copenhagen',
    clientAddress: '2001:db8:4c1f:7a00:5dcb:9af1:23c4:b2aa',
    frontEnd: 'frontend-1',
    startedAt: new Date(0).toISOString(),
  };
  const text = formatSessions([session, { ...session, delegate: null }], 600_000);
  expect(widthOf(text)).toBeLessThanOrEqual(80);
  expect(text).toMatch(
    /^4F6QX2M7K9PA .*10 min\n {2}from 2001:.*b2aa, front end frontend-1\n {2}by /m,
  );
});

test('homeward queue list', () => {
  const text = formatEntries([
    {
      id: 'copenhagen/0-123456',
      reference: 'b7f1c9e2',
      sender: ADDRESS,
      sizeBytes: 1_234_567,
      queuedAt: '2026-11-26T10:00:00.000Z',
      nextAttemptAt: '2026-11-26T10:15:00.000Z',
      state: 'waiting',
      attemptCount: 3,
      firstRecipient: ADDRESS,
      recipientCount: 2,
      destinations: ['elsewhere:example.test'],
      lastReply: '451 4.3.0 Try again later',
    },
  ]);
  expect(widthOf(text)).toBeLessThanOrEqual(80);
  expect(text).toContain(`\n  from ${ADDRESS}\n  to ${ADDRESS} and 1 more\n  451 4.3.0 Try`);
});

test('homeward throttle show', () => {
  const entry = { accountId: '01ARYZ6S410000000000000000', failureCount: 12, accountCount: null };
  const times = { lastFailureSecondsAgo: 3_600, forgottenInSeconds: 86_400 };
  const network = '2001:db8:4c1f:7a00::/64';
  const text = formatThrottles([
    { kind: 'known', network, account: ADDRESS, ...entry, ...times },
    { kind: 'address', network, account: null, ...entry, accountCount: 9, ...times },
    { kind: 'account', network: null, account: null, ...entry, accountId: 'name-x', ...times },
  ]);
  expect(widthOf(text)).toBeLessThanOrEqual(80);
  expect(text).toMatch(
    /^known .*\naddress .* 9 of them .*\naccount +a name nobody has +12 +86400 s$/m,
  );
});
