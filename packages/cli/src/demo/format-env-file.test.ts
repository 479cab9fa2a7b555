import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SiteName } from '@homeward/directory';
import { type DemoFacts, formatEnvFile, type PlacedAccount } from './format-env-file.ts';

function account(role: string, worker: PlacedAccount['worker']): PlacedAccount {
  const address = `${role.toLowerCase()}@homeward.test`;
  const password = `${role}-secret`;
  return { role, address, password, displayName: role, site: 'dublin', hasMail: false, worker };
}

const workers = [
  { imaps: 1, pop3s: 2, imap: 3, pop3: 4 },
  { imaps: 5, pop3s: 6, imap: 7, pop3: 8 },
];

const FACTS: DemoFacts = {
  serverName: 'mail.homeward.test',
  caFile: "/tmp/it's here/ca.crt",
  configFile: '/tmp/homeward.yaml',
  ports: {
    frontEnd: { imap: 143, imaps: 993, pop3: 110, pop3s: 995, submission: 587, submissions: 465 },
    lmtp: 24,
    ops: 960,
    sink: 25,
    sites: [workers],
  },
  sinkFolder: '/tmp/outside',
  sites: [
    {
      name: 'east-wing' as SiteName,
      serverName: 'x',
      host: '127.0.0.1',
      listenHost: '127.0.0.1',
      workers,
      directLogin: true,
    },
  ],
  directLogin: true,
  accounts: [
    account('USER1', workers[0]!),
    account('USER2', workers[1]!),
    account('GUEST', workers[0]!),
  ],
};

describe('formatEnvFile()', () => {
  it('has the names that scripts rely on', () => {
    expect(parseEnv(formatEnvFile({ ...FACTS, caFile: '/tmp/with space/ca.crt' }))).toMatchObject({
      HOST: '127.0.0.1',
      SERVER_NAME: 'mail.homeward.test',
      CA_FILE: '/tmp/with space/ca.crt',
      IMAP_PORT: '143',
      IMAPS_PORT: '993',
      POP3_PORT: '110',
      POP3S_PORT: '995',
      SUBMISSION_PORT: '587',
      SUBMISSIONS_PORT: '465',
      LMTP_PORT: '24',
      SINK_PORT: '25',
      SINK_FOLDER: '/tmp/outside',
      OPS_URL: 'http://127.0.0.1:960',
      USER1: 'user1@homeward.test',
      PASS1: 'USER1-secret',
      USER2: 'user2@homeward.test',
      PASS2: 'USER2-secret',
      GUEST_USER: 'guest@homeward.test',
      GUEST_PASS: 'GUEST-secret',
      BACKEND_EAST_WING_IMAPS_PORT: '1',
      BACKEND_EAST_WING_POP3S_PORT: '2',
      BACKEND_EAST_WING_IMAP_PORT: '3',
      BACKEND_EAST_WING_POP3_PORT: '4',
      BACKEND_EAST_WING_WORKER1_IMAPS_PORT: '5',
      USER2_BACKEND_IMAPS_PORT: '5',
      USER2_SITE: 'dublin',
    });
  });

  it('quotes a path so that a shell reads it right', async () => {
    const { execFileSync } = await import('node:child_process');
    const script = `${formatEnvFile(FACTS)}\nprintf %s "$CA_FILE"`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(FACTS.caFile);
  });

  it('leaves out ports that there are not', () => {
    const sites = [{ ...FACTS.sites[0]!, workers: [{ imaps: 1, pop3s: 2 }] }];
    const text = formatEnvFile({ ...FACTS, sites });
    expect(text).toContain('BACKEND_EAST_WING_IMAPS_PORT=1\n');
    expect(text).not.toContain('BACKEND_EAST_WING_IMAP_PORT');
  });
});
