/** Who may log in at a back end, and what the refused are told. */
import type { AccountId, AccountRecord, SiteName, SiteRecord } from '@homeward/directory';
import { shardOf } from '@homeward/directory';
import type { ChannelBindingFault, Credentials } from '@homeward/sasl';
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

/** Opened by its delegate, who is `account`. */
const shop = {
  ...account,
  id: '01JD0000000000000000000009' as AccountId,
  kind: 'shared',
  epoch: 6,
  delegates: [{ accountId, rights: ['full'] }],
} as const;

interface Setting {
  readonly account?: Partial<AccountRecord> | undefined;
  /** Undefined: there is no mailbox "shop". */
  readonly mailbox?: Partial<AccountRecord> | undefined;
  readonly password?: 'match' | 'mismatch' | 'busy';
  readonly isDirect?: boolean;
  readonly owner?: number;
  readonly verdict?: TicketVerdict;
  readonly isAway?: boolean;
  /** What another reading of the site's record finds. */
  readonly newSite?: SiteRecord;
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

  it.each<[string, Setting, ChannelBindingFault | undefined, string]>([
    ['lets the right proof in, and has one of its own', {}, undefined, 'ours'],
    ['refuses a wrong proof', { password: 'mismatch' }, undefined, 'wrong-password'],
    ['refuses who is bound elsewhere', {}, 'mismatch', 'channel-binding-failed'],
    ['refuses the proof of nobody', { account: undefined }, undefined, 'unknown-account'],
  ])('%s', async (_claim, setting, bindingFault, expected) => {
    const decision = await decide(setting, {
      kind: 'scram',
      loginName: 'anna',
      actAs: undefined,
      authMessage: 'a',
      clientProof: Buffer.alloc(32),
      bindingFault,
    });
    const proof = decision.ok && Buffer.from(decision.serverSignature ?? []).toString();
    expect(decision.ok ? proof : decision.reason).toBe(expected);
  });

  it('opens another mailbox for its delegate, who is named', async () => {
    for (const [loginName, actAs] of ways) {
      const credentials = { kind: 'password', loginName, actAs, password: Buffer.from('secret') };
      const decision = await decide({ mailbox: {} }, credentials as Credentials);
      expect(decision).toMatchObject({
        ok: true,
        login: { accountId: shop.id, delegateId: accountId, epoch: 6, access: 'full' },
      });
    }
  });

  it('opens another mailbox for reading, and one’s own by two of its names', async () => {
    const reading = { delegates: [{ accountId, rights: ['read'] as const }] };
    expect(await decide({ mailbox: reading }, asShop)).toMatchObject({ login: { access: 'read' } });
    const own = await decide({ mailbox: { id: accountId } }, asShop);
    expect(own).toMatchObject({ login: { accountId, delegateId: undefined, access: 'full' } });
  });

  it.each<[string, Setting]>([
    ['no-such-mailbox', {}],
    ['not-a-delegate', { mailbox: { delegates: [] } }],
    ['mailbox-blocked-kind', { mailbox: { kind: 'administrator' } }],
    ['mailbox-account-disabled', { mailbox: { isEnabled: false } }],
    ['delegate-account-disabled', { mailbox: {}, account: { isEnabled: false } }],
    ['delegate-blocked-kind', { mailbox: {}, account: { kind: 'guest' } }],
  ])('refuses a delegate in the words of every bad login: %s', async (detail, setting) => {
    const decision = await decide(setting, asShop);
    expect(decision).toEqual({ ok: false, reason: 'act-as-not-allowed', detail });
    expect(refusalOf('act-as-not-allowed')).toBe('bad-credentials');
  });

  it('refuses a delegate where the mailbox is at another site, or of another worker', async () => {
    const elsewhere = { mailbox: { home: 'oslo' as SiteName } };
    expect(await decide(elsewhere, asShop)).toMatchObject({ reason: 'account-elsewhere' });
    const owned = { mailbox: {}, owner: 1 };
    expect(await decide(owned, asShop)).toMatchObject({ reason: 'not-this-worker' });
  });

  it('opens what a ticket says of a delegate, his access and the quota', async () => {
    const claims = {
      ...goodTicket.claims,
      act: '01JD0000000000000000000009',
      access: 'read',
      quota: { bytes: 5, messages: undefined },
    } as const;
    const decision = await decide({ verdict: { ok: true, claims }, isAway: true }, bearer);
    expect(decision).toMatchObject({
      ok: true,
      login: { accountId, delegateId: shop.id, access: 'read', quota: { bytes: 5 } },
    });
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

  it('asks the directory anew before it refuses an account of another worker', async () => {
    const workerOfShard = Array.from({ length: 256 }, () => 0);
    const newSite = { shardTable: { version: 10, workerOfShard } } as unknown as SiteRecord;
    const decision = await decide({ verdict: goodTicket, owner: 1, newSite }, bearer);
    expect(decision).toMatchObject({ ok: true });
  });

  it('refuses a bad ticket', async () => {
    const verdict: TicketVerdict = { ok: false, reason: 'expired', keyId: 'k1', sid: 'C1' };
    expect(await decide({ verdict }, bearer)).toMatchObject({
      reason: 'ticket-expired',
      about: { conversationId: 'C1', login: undefined },
    });
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

const asShop: Credentials = {
  kind: 'password',
  loginName: 'anna',
  actAs: 'shop',
  password: Buffer.from('secret'),
};
const ways = [
  ['anna', 'shop'],
  ['anna@example.org/shop', undefined],
  ['EXAMPLE\\anna\\shop', ''],
] as const;

const bearer: Credentials = { kind: 'bearer', loginName: undefined, token: 't' };
const goodTicket: Extract<TicketVerdict, { ok: true }> = {
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
    access: undefined,
    quota: undefined,
    operator: undefined,
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
  for (const id of [accountId, shop.id]) workerOfShard[shardOf(id)] = setting.owner ?? 0;
  const site = { shardTable: { version: 9, workerOfShard } } as unknown as SiteRecord;
  const directory = {
    lookUpLogin: async (name: string) => {
      if (setting.isAway === true) return { kind: 'unavailable' } as const;
      const isMissing = name === 'shop' ? setting.mailbox === undefined : isUnknown;
      if (isMissing) return { kind: 'unknown' } as const;
      const found =
        name === 'shop' ? { ...shop, ...setting.mailbox } : { ...account, ...setting.account };
      return { kind: 'found', record: { account: found, credentials: undefined } } as const;
    },
    readAccount: async () => account,
    readLogin: async () => 'unavailable' as const,
    findOwnSite: () => site,
    rereadOwnSite: async () => setting.newSite ?? site,
  };
  const judge = createLoginJudge({
    judgeTicket: async () =>
      setting.verdict ?? { ok: false, reason: 'malformed', keyId: undefined, sid: undefined },
    directory,
    workerIndex: 0,
    direct:
      setting.isDirect === false
        ? undefined
        : {
            site: 'dublin' as SiteName,
            directory,
            judgePassword: async () => setting.password ?? 'match',
            judgeProof: () =>
              setting.password === 'mismatch'
                ? { outcome: 'mismatch' }
                : {
                    outcome: 'match',
                    serverSignature: Buffer.from('ours'),
                    appPasswordId: undefined,
                  },
            noteAppPasswordUse: () => undefined,
            scram: { findParameters: async () => ({ salt: 'c2FsdA==', iterationCount: 4096 }) },
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
