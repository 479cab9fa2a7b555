/** Who may log in at a back end, and what the refused are told. */
import type { AccountId, AccountRecord, SiteName, SiteRecord } from '@homeward/directory';
import { shardOf } from '@homeward/directory';
import type { Credentials } from '@homeward/sasl';
import type { TicketVerdict } from '@homeward/ticket';
import { describe, expect, it } from 'vitest';
import { createLoginJudge } from './judge-login.ts';
import { refusalOf } from './login.ts';
import type { LoginAttempt } from './ports.ts';

const accountId = '01JD0000000000000000000000' as AccountId;
const account = {
  id: accountId,
  kind: 'user',
  isEnabled: true,
  protocols: { imap: true, pop3: true, submission: true },
  home: 'dublin' as SiteName,
  epoch: 4,
} as AccountRecord;

interface Setting {
  readonly account?: Partial<AccountRecord> | undefined;
  readonly password?: 'match' | 'mismatch' | 'busy';
  readonly isDirect?: boolean;
  readonly owner?: number;
  readonly verdict?: TicketVerdict;
  readonly isAway?: boolean;
}

describe('createLoginJudge()', () => {
  it.each<[string, Setting, string]>([
    ['lets the right password in', {}, 'ok'],
    ['refuses passwords where direct login is off', { isDirect: false }, 'direct-login-off'],
    ['refuses a wrong password', { password: 'mismatch' }, 'wrong-password'],
    ['refuses an unknown name', { account: undefined }, 'unknown-account'],
    ['refuses guests', { account: { kind: 'guest' } }, 'blocked-kind'],
    ['refuses anonymous', { account: { kind: 'anonymous' } }, 'blocked-kind'],
    ['refuses administrators', { account: { kind: 'administrator' } }, 'blocked-kind'],
    ['refuses what is switched off', { account: { isEnabled: false } }, 'account-disabled'],
    [
      'refuses a protocol that is off for the account',
      { account: { protocols: { imap: false, pop3: true, submission: true } } },
      'protocol-disabled',
    ],
    [
      'refuses accounts of other sites',
      { account: { home: 'oslo' as SiteName } },
      'account-elsewhere',
    ],
    ['refuses accounts of other workers', { owner: 1 }, 'not-this-worker'],
    ['says when it is too busy', { password: 'busy' }, 'too-busy'],
    ['says when the directory is away', { isAway: true }, 'directory-away'],
  ])('%s', async (_claim, setting, expected) => {
    const decision = await decide(setting, {
      kind: 'password',
      loginName: 'anna',
      actAs: undefined,
      password: Buffer.from('secret'),
    });
    expect(decision.ok ? 'ok' : decision.reason).toBe(expected);
  });

  it('opens what a good ticket says, without the directory', async () => {
    const decision = await decide({ verdict: goodTicket, isAway: true }, bearer);
    expect(decision).toMatchObject({
      ok: true,
      login: { accountId, epoch: 4, conversationId: 'c1', clientAddress: '192.0.2.7' },
    });
  });

  it('refuses a good ticket for an account of another worker, and names the table', async () => {
    const decision = await decide({ verdict: goodTicket, owner: 1 }, bearer);
    expect(decision).toMatchObject({
      reason: 'not-this-worker',
      detail: 'worker 1 by shard table version 9',
    });
  });

  it('refuses a bad ticket', async () => {
    const verdict: TicketVerdict = { ok: false, reason: 'expired', keyId: 'k1' };
    expect(await decide({ verdict }, bearer)).toMatchObject({ reason: 'ticket-expired' });
  });
});

describe('refusalOf()', () => {
  it.each(['unknown-account', 'wrong-password', 'blocked-kind', 'direct-login-off'] as const)(
    'gives %s the words of every bad login',
    (reason) => {
      expect(refusalOf(reason)).toBe('bad-credentials');
    },
  );

  it.each(['stale-epoch', 'not-this-worker', 'directory-away', 'mailbox-sealed'] as const)(
    'never calls %s a wrong password',
    (reason) => {
      expect(refusalOf(reason)).toBe('unavailable');
    },
  );
});

const bearer: Credentials = { kind: 'bearer', loginName: undefined, token: 't' };
const goodTicket: TicketVerdict = {
  ok: true,
  claims: {
    sub: accountId,
    aud: 'dublin',
    iat: 1,
    exp: 31,
    epoch: 4,
    proto: 'imap',
    sid: 'c1',
    client: { address: '192.0.2.7', port: 4711, tls: undefined },
    login: 'anna',
    act: undefined,
    cnf: 'x',
    jti: undefined,
  },
};

function decide(
  setting: Setting,
  credentials: Credentials,
): ReturnType<ReturnType<typeof createLoginJudge>> {
  const isUnknown = 'account' in setting && setting.account === undefined;
  const workerOfShard = Array.from({ length: 256 }, () => 0);
  workerOfShard[shardOf(accountId)] = setting.owner ?? 0;
  const site = { shardTable: { version: 9, workerOfShard } } as unknown as SiteRecord;
  const directory = {
    lookUpLogin: async () => {
      if (setting.isAway === true) return { kind: 'unavailable' } as const;
      if (isUnknown) return { kind: 'unknown' } as const;
      const found = { ...account, ...setting.account };
      return { kind: 'found', record: { account: found, credentials: undefined } } as const;
    },
    readAccount: async () => account,
    findOwnSite: () => site,
  };
  const judge = createLoginJudge({
    judgeTicket: async () =>
      setting.verdict ?? { ok: false, reason: 'malformed', keyId: undefined },
    directory,
    workerIndex: 0,
    direct:
      setting.isDirect === false
        ? undefined
        : {
            site: 'dublin' as SiteName,
            directory,
            judgePassword: async () => setting.password ?? 'match',
            makeConversationId: () => 'c1',
          },
  });
  const attempt: LoginAttempt = {
    protocol: 'imap',
    method: 'LOGIN',
    credentials,
    connection: { remoteAddress: '192.0.2.7', remotePort: 4711, exporter: undefined },
  };
  return judge(attempt);
}
