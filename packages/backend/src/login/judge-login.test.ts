/** Who may log in at a back end, and what the refused are told. */
import type {
  AccountId,
  AccountRecord,
  CredentialSet,
  SiteName,
  SiteRecord,
} from '@homeward/directory';
import { shardOf } from '@homeward/directory';
import type { LdapAuthentication, LdapPresence } from '@homeward/ldap';
import type { AccessVerdict, GatePass, GateRefusal } from '@homeward/login-guards';
import type { ChannelBindingFault, Credentials, LoginMethod, LoginType } from '@homeward/sasl';
import { FakeClock } from '@homeward/testkit';
import type { TicketVerdict } from '@homeward/ticket';
import type { TokenVerdict } from '@homeward/token-issuers';
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
  readonly isOn?: boolean;
  readonly loginType?: LoginType;
  readonly isEncrypted?: boolean;
  readonly owner?: number;
  readonly verdict?: TicketVerdict;
  readonly isAway?: boolean;
  readonly access?: AccessVerdict;
  readonly isAtHome?: boolean;
  readonly gate?: GateRefusal;
  /** So long the gate lets wait. */
  readonly holdMs?: number;
  readonly presence?: (account: AccountRecord) => LdapPresence;
  readonly ldap?: LdapAuthentication | Promise<LdapAuthentication>;
  readonly token?: TokenVerdict;
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
    expect(decision).toMatchObject({ ok: false, reason: 'act-as-not-allowed', detail });
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

const byLdap = { ldap: { loginName: 'anna' } } as unknown as Partial<AccountRecord>;
const inTime = { ok: true, name: 'anna', issuer: 'https://id', expiresAtMs: 99 } as const;
// {"iss":"https://id"} between two parts that nobody reads.
const issuersToken = 'e30.eyJpc3MiOiJodHRwczovL2lkIn0.x';

describe('a person’s own login', () => {
  const password = (): Credentials => ({
    kind: 'password',
    loginName: 'Anna',
    actAs: undefined,
    password: Buffer.from('secret'),
  });

  it.each<[string, Setting, string]>([
    ['the one that LDAP takes', { account: byLdap, ldap: { kind: 'match', account } }, 'ok'],
    ['one that LDAP does not take', { account: byLdap }, 'wrong-password'],
    [
      'any while LDAP is away',
      { account: byLdap, ldap: { kind: 'unavailable', detail: 'away' } },
      'ldap-unavailable',
    ],
    [
      'of an entry that can be no account',
      { account: byLdap, ldap: { kind: 'refused', detail: 'no home' } },
      'ldap-account-refused',
    ],
    [
      'of somebody who has app passwords only',
      { account: { isPasswordLoginOff: true } },
      'no-secret',
    ],
  ])('judges a password: %s', async (_claim, setting, expected) => {
    const decision = await decide(setting, password());
    expect(decision.ok ? 'ok' : decision.reason).toBe(expected);
  });

  it('overwrites the password, whatever comes of it', async () => {
    for (const setting of [{}, { password: 'mismatch' }, { isAway: true }] as const) {
      const shown = password();
      await decide(setting, shown);
      expect(shown).toMatchObject({ password: Buffer.alloc(6) });
    }
  });

  it('is told that we are not to be had when it takes too long, and wiped when that ends', async () => {
    const clock = new FakeClock();
    const answer = Promise.withResolvers<LdapAuthentication>();
    const shown = password();
    const seen: string[] = [];
    const decision = decide({ account: byLdap, ldap: answer.promise }, shown, { clock, seen });
    await expect.poll(() => seen).toEqual(['gate anna']);
    clock.advance(4_499);
    expect(shown).toMatchObject({ password: Buffer.from('secret') });
    clock.advance(1);
    expect(await decision).toMatchObject({ reason: 'login-deadline', detail: 'during secret' });
    expect(refusalOf('login-deadline')).toBe('unavailable');
    answer.resolve({ kind: 'match', account });
    await expect.poll(() => seen).toEqual(['gate anna', 'right', 'left']);
    await expect.poll(() => shown).toMatchObject({ password: Buffer.alloc(6) });
  });

  it('has its time while it was not made to wait', async () => {
    expect(await decide({ holdMs: 20_000 }, password())).toMatchObject({ ok: true });
  });

  const followed = {
    ldap: { entryId: 'e1', state: 'present' },
  } as unknown as Partial<AccountRecord>;
  const gone = (account: AccountRecord): LdapPresence => ({
    kind: 'gone',
    account: { ...account, ldap: { ...account.ldap!, state: 'absent' } },
    detail: 'no entry',
  });
  const doubtful = (): LdapPresence => ({ kind: 'doubtful', detail: 'no entry' });
  it.each<[string, Credentials]>([
    [
      'SCRAM keys',
      {
        kind: 'scram',
        loginName: 'anna',
        actAs: undefined,
        authMessage: 'a',
        clientProof: Buffer.alloc(32),
        bindingFault: undefined,
      },
    ],
    ['an issuer’s token', { kind: 'bearer', loginName: undefined, token: issuersToken }],
  ])('is refused by %s once the entry in LDAP is gone', async (_, shown) => {
    const setting = { account: followed, token: inTime };
    expect(await decide(setting, shown)).toMatchObject({ ok: true });
    expect(await decide({ ...setting, presence: gone }, shown)).toMatchObject({
      reason: 'account-disabled',
    });
    expect(await decide({ ...setting, presence: doubtful }, shown)).toMatchObject({
      reason: 'ldap-unavailable',
      detail: 'LDAP: no entry',
    });
    // What is never told is not told of those either.
    const guest = { ...setting, account: { ...followed, kind: 'guest' }, presence: gone } as const;
    expect(await decide(guest, shown)).toMatchObject({ reason: 'blocked-kind' });
  });

  it('passes the gate, and tells it what came of it', async () => {
    const seen: string[] = [];
    await decide({}, password(), { seen });
    await decide({ password: 'mismatch' }, password(), { seen });
    await decide({ account: { kind: 'guest' } }, password(), { seen });
    await decide({ account: { isEnabled: false } }, password(), { seen });
    const hash = `hash ${accountId}`;
    expect(seen).toEqual([
      ...['gate anna', hash, 'right', 'left'],
      ...['gate anna', hash, 'wrong', 'left'],
      ...['gate anna', hash, 'wrong', 'left'],
      ...['gate anna', hash, 'left'],
    ]);
  });

  it('passes no gate with what was right at home minutes ago', async () => {
    const seen: string[] = [];
    expect(await decide({ isAtHome: true }, password(), { seen })).toMatchObject({ ok: true });
    expect(seen).toEqual([`hash ${accountId}`]);
  });

  it('is refused at the gate before any hash, with how long to wait', async () => {
    const seen: string[] = [];
    const gate = { ok: false, reason: 'throttled', clientDetail: 'wait 9 seconds' } as const;
    const decision = await decide({ gate }, password(), { seen });
    expect(decision).toMatchObject({ reason: 'throttled', clientDetail: 'wait 9 seconds' });
    expect(seen).toEqual(['gate anna']);
    expect(refusalOf('throttled')).toBe('throttled');
  });

  it('is refused by a rule about the connection before anything is looked at', async () => {
    const seen: string[] = [];
    const access = { kind: 'deny', rule: { name: 'office', position: 2 } } as const;
    const decision = await decide({ access }, password(), { seen });
    expect(decision).toMatchObject({ reason: 'access-denied', detail: 'rule 2, office' });
    expect(seen).toEqual([]);
    expect(refusalOf('access-denied')).toBe('not-allowed-here');
  });

  it('has the conversation’s id in its refusals, for the client to ask with', async () => {
    expect(await decide({ password: 'mismatch' }, password())).toMatchObject({
      about: { conversationId: 'c1', isDirect: true },
    });
  });

  it('looks for nobody, and at no password, where the protocol is off', async () => {
    const seen: string[] = [];
    const shown = password();
    expect(await decide({ isOn: false }, shown, { seen })).toMatchObject({
      reason: 'switched-off',
      about: { conversationId: 'c1', isDirect: true },
    });
    expect(seen).toEqual([]);
    expect(shown).toMatchObject({ password: Buffer.alloc(6) });
    const byTicket = await decide({ isOn: false, verdict: goodTicket }, bearer);
    expect(byTicket.ok).toBe(true);
  });

  it.each<[LoginType, Credentials['kind'], string]>([
    ['SecureLogin', 'password', 'privacy-required'],
    ['SecureLogin', 'bearer', 'privacy-required'],
    ['SecureLogin', 'scram', 'privacy-required'],
    ['PlainTextAuthentication', 'password', 'privacy-required'],
    ['PlainTextAuthentication', 'bearer', 'privacy-required'],
    ['PlainTextAuthentication', 'scram', 'ok'],
    ['PlainTextLogin', 'password', 'ok'],
    ['PlainTextLogin', 'bearer', 'ok'],
  ])('judges without TLS, %s, a %s: %s', async (loginType, kind, expected) => {
    const setting: Setting = { loginType, isEncrypted: false, token: inTime };
    const shown = {
      password: password(),
      bearer: { kind: 'bearer', loginName: undefined, token: issuersToken },
      scram: {
        kind: 'scram',
        loginName: 'anna',
        actAs: undefined,
        authMessage: 'a',
        clientProof: Buffer.alloc(32),
        bindingFault: undefined,
      },
    } as const satisfies Record<Credentials['kind'], Credentials>;
    const decision = await decide(setting, shown[kind]);
    expect(decision.ok ? 'ok' : decision.reason).toBe(expected);
    expect((await decide({ ...setting, verdict: goodTicket }, bearer)).ok).toBe(true);
  });

  it.each<[string, Setting, string | undefined, string]>([
    ['of his own', { token: inTime }, undefined, 'ok'],
    ['of his own, by name', { token: inTime }, 'anna@example.org', 'ok'],
    ['of another', { token: { ...inTime, name: 'shop' }, mailbox: {} }, 'anna', 'token-refused'],
    ['of nobody', { token: inTime, account: undefined }, undefined, 'unknown-account'],
    ['of no issuer of ours', {}, undefined, 'token-refused'],
    [
      'whose issuer is away',
      { token: { ok: false, reason: 'issuer-unavailable', issuer: 'x' } },
      undefined,
      'token-issuer-unavailable',
    ],
    ['of a guest', { token: inTime, account: { kind: 'guest' } }, undefined, 'blocked-kind'],
    ['of a person of elsewhere', { token: inTime, owner: 1 }, undefined, 'not-this-worker'],
  ])('judges a token: %s', async (_claim, setting, loginName, expected) => {
    const seen: string[] = [];
    const shown: Credentials = { kind: 'bearer', loginName, token: issuersToken };
    const decision = await decide(setting, shown, { method: 'OAUTHBEARER', seen });
    expect(decision.ok ? 'ok' : decision.reason).toBe(expected);
    if (decision.ok) expect(decision.login.secret).toEqual({ kind: 'token', expiresAtMs: 99 });
    expect(seen).toEqual([]);
  });

  it('by XOAUTH2 is never taken for a front end’s ticket, nor a ticket for a token', async () => {
    const setting = { token: inTime, verdict: goodTicket };
    const byXoauth2 = await decide(setting, bearer, { method: 'XOAUTH2' });
    expect(byXoauth2).toMatchObject({ login: { secret: { kind: 'token' } } });
    const ticket = await decide(setting, bearer, { method: 'OAUTHBEARER' });
    expect(ticket.ok && ticket.login.secret).toBeUndefined();
    const shown = { kind: 'bearer', loginName: undefined, token: issuersToken } as const;
    const off = await decide({ ...setting, isDirect: false }, shown);
    expect(off.ok && off.login.secret).toBeUndefined();
  });
});

describe('refusalOf()', () => {
  it.each(['unknown-account', 'wrong-password', 'blocked-kind', 'direct-login-off'] as const)(
    'gives %s the words of every bad login',
    (reason) => {
      expect(refusalOf(reason)).toBe('bad-credentials');
    },
  );

  it.each([
    'stale-epoch',
    'not-this-worker',
    'directory-away',
    'mailbox-sealed',
    'ldap-unavailable',
    'ldap-account-refused',
    'token-issuer-unavailable',
  ] as const)('never calls %s a wrong password', (reason) => {
    expect(refusalOf(reason)).toBe('unavailable');
  });
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

const credentials = { setAtMs: 7 } as CredentialSet;
const noIssuer: TokenVerdict = { ok: false, reason: 'unknown-issuer', issuer: 'x' };

/** @param seen Gets what happens on the way. */
function decide(
  setting: Setting,
  shown: Credentials,
  {
    method = 'LOGIN',
    seen = [],
    clock = new FakeClock(),
  }: { method?: LoginMethod; seen?: string[]; clock?: FakeClock } = {},
): ReturnType<ReturnType<typeof createLoginJudge>> {
  const isUnknown = 'account' in setting && setting.account === undefined;
  const workerOfShard = Array.from({ length: 256 }, () => 0);
  for (const id of [accountId, shop.id]) workerOfShard[shardOf(id)] = setting.owner ?? 0;
  const site = { shardTable: { version: 9, workerOfShard } } as unknown as SiteRecord;
  const pass: GatePass = {
    ok: true,
    standing: 'clean',
    noteOutcome: async (outcome) => void seen.push(outcome),
    leave: () => void seen.push('left'),
  };
  const accounts = {
    lookUpLogin: async (name: string) => {
      if (setting.isAway === true) return { kind: 'unavailable' } as const;
      const isMissing = name === 'shop' ? setting.mailbox === undefined : isUnknown;
      if (isMissing) return { kind: 'unknown' } as const;
      const found =
        name === 'shop' ? { ...shop, ...setting.mailbox } : { ...account, ...setting.account };
      return { kind: 'found', record: { account: found, credentials } } as const;
    },
  };
  const directory = {
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
            settingsOf: () => ({
              enabled: setting.isOn ?? true,
              loginType: setting.loginType ?? 'SecureLogin',
            }),
            accounts,
            access: { judge: () => setting.access ?? { kind: 'allow', rule: undefined } },
            gate: {
              isAtHome: () => setting.isAtHome ?? false,
              async enter({ loginName }, deadline) {
                if (setting.holdMs !== undefined) {
                  deadline.pause();
                  clock.advance(setting.holdMs);
                  deadline.resume();
                }
                seen.push(`gate ${loginName}`);
                return setting.gate ?? pass;
              },
            },
            passwords: {
              isRemembered: () => true,
              async verifyPassword(record) {
                seen.push(`hash ${record?.account.id ?? 'of nobody'}`);
                return setting.password ?? 'match';
              },
            },
            ldap: {
              isRemembered: () => false,
              confirm: async (one) => setting.presence?.(one) ?? { kind: 'present', account: one },
              authenticate: async () => (await setting.ldap) ?? { kind: 'mismatch', detail: 'no' },
            },
            tokens: { judge: async () => setting.token ?? noIssuer },
            noteAppPasswordUse: () => undefined,
            scram: {
              findParameters: async () => ({ salt: 'c2FsdA==', iterationCount: 4096 }),
              verify: () =>
                setting.password === 'mismatch'
                  ? { outcome: 'mismatch' }
                  : {
                      outcome: 'match',
                      serverSignature: Buffer.from('ours'),
                      appPasswordId: undefined,
                    },
            },
            clock,
            makeConversationId: () => 'c1',
          },
  });
  const attempt: LoginAttempt = {
    protocol: 'imap',
    method,
    credentials: shown,
    connection: {
      remoteAddress: '192.0.2.7',
      remotePort: 4711,
      exporter: undefined,
      isEncrypted: setting.isEncrypted ?? true,
      whenGone: () => new Promise(() => undefined),
    },
  };
  return judge(attempt);
}
