/** The steps of a login, in order, over scripted ports: who gets in, who does not, what is left. */
import {
  DirectoryUnavailableError,
  shardOf,
  type AccountRecord,
  type SiteLookup,
  type SiteRecord,
} from '@homeward/directory';
import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { WarmPool } from '../warm-pool.ts';
import type { ConversationId } from '../conversation/conversation-id.ts';
import type { Fault } from '@homeward/service';
import { LoginPhases } from './login-phases.ts';
import { startLogin } from './login.ts';
import type { LoginAttempt, LoginOutcome } from './login-attempt.ts';
import {
  accountRecord,
  createRecordingLog,
  createScriptedWorld,
  LineUpstream,
  RIGHT_PASSWORD,
  settle,
  siteRecord,
  type ScriptedHome,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';

const NO_WARM = { maxPerPlace: 0, maxAgeMs: 1000, demandWindowMs: 1000, dialBudgetMs: 1000 };

let world: ScriptedWorld;
beforeEach(() => {
  world = createScriptedWorld(
    (dialler) =>
      new WarmPool({
        dialler,
        createDialogue: () => new LineUpstream(),
        clock: new FakeClock(),
        log: createRecordingLog(),
        limits: NO_WARM,
      }),
  );
});

/** Anna's right on the shop's mailbox, which is at another site. */
const SHOP: Partial<AccountRecord> = {
  id: '01HSHOP0000000000000000000' as AccountRecord['id'],
  address: 'shop@example.net',
  names: ['shop', 'shop@example.net', 'example\\shop'],
  kind: 'shared',
  home: 'oslo' as AccountRecord['home'],
  epoch: 7,
  quotaBytes: 5_000,
  delegates: [{ accountId: accountRecord().id, rights: ['full'] }],
};

function addShop(overrides: Partial<AccountRecord> = {}): void {
  const account = accountRecord({ ...SHOP, ...overrides });
  world.mailbox = { account, credentials: undefined };
}

function attempt(overrides: { name?: string; password?: string; actAs?: string } = {}) {
  return {
    conversationId: 'C1' as ConversationId,
    protocol: 'imap',
    client: { address: '192.0.2.7', port: 40_000 },
    connectedTo: () => ({ address: '192.0.2.1', port: 993 }),
    whenGone: () => new Promise(() => undefined),
    tls: { version: 'TLSv1.3', cipher: 'X' },
    method: 'LOGIN',
    earlierLeftovers: Promise.resolve(),
    phases: new LoginPhases(world.clock),
    credentials: {
      kind: 'password',
      loginName: overrides.name ?? 'anna',
      actAs: overrides.actAs,
      password: Buffer.from(overrides.password ?? RIGHT_PASSWORD),
    },
  } as const satisfies LoginAttempt;
}

async function logIn(which: LoginAttempt = attempt()): Promise<LoginOutcome> {
  const login = startLogin(which, world.ports);
  const outcome = await login.outcome;
  await login.settled;
  return outcome;
}

async function expectFault(reason: Fault, which?: LoginAttempt): Promise<void> {
  const outcome = await logIn(which);
  expect(outcome).toMatchObject({ ok: false, reason });
  expect(world.claims.size).toBe(0);
  expect(world.clock.timerCount).toBe(0);
  for (const { home } of world.dialler.dialled) expect(home.isDestroyed).toBe(true);
}

it.each(['anna', 'nobody'])(
  'refuses a login that went round before it knows who %s is',
  async (name) => {
    await expectFault('site-loop', { ...attempt({ name }), hopsLeft: 0 });
    expect(world.verifications).toEqual([]);
  },
);

describe('startLogin() lets in', () => {
  it('a password that was right a moment ago, looked at once and wiped', async () => {
    world.ports.verifier = { ...world.ports.verifier, isRemembered: () => true };
    world.ports.gate = { ...world.ports.gate, isAtHome: () => true };
    const which = attempt();
    expect(await logIn(which)).toMatchObject({ ok: true });
    expect(world.verifications).toEqual([]);
    expect(which.credentials.password.every((octet) => octet === 0)).toBe(true);
  });

  it('the right password, with a ticket that says everything the home needs', async () => {
    const outcome = await logIn();
    expect(outcome).toMatchObject({
      ok: true,
      session: { site: 'dublin', mailbox: { address: 'anna@example.net' }, delegateId: undefined },
    });
    expect(world.tickets).toEqual([
      {
        sub: '01HANNA0000000000000000000',
        aud: 'dublin',
        epoch: 3,
        proto: 'imap',
        sid: 'C1',
        client: { address: '192.0.2.7', port: 40_000, tls: { version: 'TLSv1.3', cipher: 'X' } },
        login: 'anna',
        act: undefined,
        access: undefined,
        quota: { bytes: undefined, messages: undefined },
        operator: undefined,
        cnf: 'exporter',
      },
    ]);
    expect(world.claims.size).toBe(1);
    expect([...world.claims]).toMatchObject([{ clientAddress: '192.0.2.7' }]);
    expect(world.clock.timerCount).toBe(0);
  });

  it('to the worker that owns the shard, at the port of the protocol', async () => {
    const workerOfShard = Array<number>(256).fill(0);
    workerOfShard[shardOf(world.login.account.id)] = 1;
    world.site = siteRecord({ shardTable: { version: 1, workerOfShard } });
    await logIn({ ...attempt(), protocol: 'pop3' });
    expect(world.dialler.dialled[0]?.target).toEqual({
      protocol: 'pop3',
      site: 'dublin',
      serverName: 'dublin.mail.internal',
      host: '192.0.2.2',
      port: 2995,
    });
  });

  it('whose password LDAP judges, and nobody else', async () => {
    const ldap = { entryId: 'e1', loginName: undefined, state: 'present' } as const;
    world.login.account = accountRecord({ ldap });
    expect(await logIn()).toMatchObject({ ok: true });
    expect(world.verifications).toEqual(['anna@example.net by LDAP']);
  });

  it("who names himself as the one to act as, by any of the account's names", async () => {
    const outcome = await logIn(attempt({ actAs: 'anna@example.net' }));
    expect(outcome.ok).toBe(true);
  });

  it.each([
    ['EXAMPLE/anna/shop', undefined],
    ['EXAMPLE/anna/shop@example.net', undefined],
    ['anna@example.net/shop', undefined],
    ['anna@example.net/SHOP@example.net', undefined],
    ['anna', 'shop'],
    ['anna@example.net', 'EXAMPLE/shop'],
  ])('the delegate of a mailbox, by %s acting as %s', async (name, actAs) => {
    world.login.account = accountRecord({
      names: ['anna', 'anna@example.net', 'example\\anna'],
    });
    addShop();
    const tried = attempt({ name, ...(actAs !== undefined && { actAs }) });
    const delegateId = world.login.account.id;
    expect(await logIn(tried)).toMatchObject({
      ok: true,
      session: { site: 'oslo', mailbox: { address: 'shop@example.net' }, delegateId },
    });
    expect(world.verifications).toEqual(['anna@example.net']);
    expect(world.tickets).toMatchObject([
      {
        sub: SHOP.id,
        act: delegateId,
        aud: 'oslo',
        epoch: 7,
        access: undefined,
        login: name,
        quota: { bytes: 5_000 },
      },
    ]);
    const claim = { accountId: delegateId, mailboxId: SHOP.id, site: 'oslo' };
    expect([...world.claims]).toMatchObject([claim]);
  });

  it('a delegate who may only read, with a ticket that says so', async () => {
    addShop({ delegates: [{ accountId: accountRecord().id, rights: ['read', 'send-as'] }] });
    expect((await logIn(attempt({ actAs: 'shop' }))).ok).toBe(true);
    expect(world.tickets).toMatchObject([{ access: 'read' }]);
  });

  it('to the worker that owns the shard of the mailbox, not of the delegate', async () => {
    addShop();
    const workerOfShard = Array<number>(256).fill(0);
    workerOfShard[shardOf(SHOP.id ?? accountRecord().id)] = 1;
    world.site = siteRecord({ shardTable: { version: 1, workerOfShard } });
    await logIn(attempt({ actAs: 'shop' }));
    expect(world.dialler.dialled[0]?.target).toMatchObject({ host: '192.0.2.2' });
  });

  it('a delegate within his own limit, whatever that of the mailbox', async () => {
    world.login.account = accountRecord({ connectionLimit: 1 });
    addShop({ connectionLimit: 0 });
    expect((await logIn(attempt({ actAs: 'shop' }))).ok).toBe(true);
    expect(await logIn(attempt({ actAs: 'shop' }))).toMatchObject({ reason: 'too-many-sessions' });
  });

  it('a shared account that has a password of its own', async () => {
    world.login.account = accountRecord({ kind: 'shared' });
    expect((await logIn()).ok).toBe(true);
  });

  it('the last session that the limit allows', async () => {
    world.login.account = accountRecord({ connectionLimit: 1 });
    expect((await logIn()).ok).toBe(true);
  });

  it("with the home's capabilities and what it sent behind its answer", async () => {
    world.dialler.script = (home) => {
      home.onWrite = () => home.feed('OK IMAP4rev1 IDLE\n* early');
      home.feed('HELLO\n');
    };
    const outcome = await logIn();
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.session.home.capabilities).toBe('IMAP4rev1 IDLE');
    expect(Buffer.from(outcome.session.home.early).toString()).toBe('* early');
  });
});

describe('startLogin() keeps out', () => {
  it('an unknown user', () => expectFault('unknown-user', attempt({ name: 'nobody' })));
  it('a wrong password', () => expectFault('wrong-password', attempt({ password: 'wrong' })));
  it.each<[string, Partial<AccountRecord>, Partial<AccountRecord> | undefined]>([
    ['no-such-mailbox', {}, undefined],
    ['not-a-delegate', {}, { delegates: [] }],
    ['not-a-delegate', {}, { delegates: [{ accountId: accountRecord().id, rights: ['send-as'] }] }],
    ['mailbox-blocked-kind', {}, { kind: 'guest' }],
    ['mailbox-blocked-kind', {}, { kind: 'anonymous' }],
    ['mailbox-blocked-kind', {}, { kind: 'administrator' }],
    ['mailbox-account-disabled', {}, { isEnabled: false }],
    ['mailbox-protocol-disabled', {}, { protocols: { imap: false, pop3: true, submission: true } }],
    ['delegate-blocked-kind', { kind: 'administrator' }, {}],
    ['delegate-blocked-kind', { kind: 'guest' }, {}],
    ['delegate-account-disabled', { isEnabled: false }, {}],
    [
      'delegate-protocol-disabled',
      { protocols: { imap: false, pop3: true, submission: true } },
      {},
    ],
  ])('from another mailbox, as a person that is told nothing: %s', async (detail, own, other) => {
    world.login.account = accountRecord(own);
    if (other !== undefined) addShop(other);
    for (const tried of [attempt({ name: 'anna@example.net/shop' }), attempt({ actAs: 'shop' })]) {
      world.verifications.length = 0;
      expect(await logIn(tried)).toMatchObject({
        ok: false,
        reason: 'act-as-not-allowed',
        logDetail: detail,
      });
      expect(world.verifications).toEqual(['anna@example.net']);
      expect(world.claims.size).toBe(0);
      expect(world.dialler.dialled).toEqual([]);
    }
  });

  it('a delegate with a wrong password, whose right is not even looked at', async () => {
    addShop({ kind: 'administrator' });
    await expectFault('wrong-password', attempt({ actAs: 'shop', password: 'wrong' }));
    await expectFault('unknown-user', attempt({ name: 'nobody', actAs: 'shop' }));
  });

  it('the mailbox itself by the password of its delegate', async () => {
    addShop();
    await expectFault('no-secret', attempt({ name: 'shop' }));
  });

  it('an account without a password', async () => {
    world.login.credentials = undefined;
    await expectFault('no-secret');
  });

  const RECORDS: readonly [Fault, Partial<AccountRecord>][] = [
    ['blocked-kind', { kind: 'guest' }],
    ['blocked-kind', { kind: 'anonymous' }],
    ['blocked-kind', { kind: 'administrator' }],
    ['blocked-kind', { kind: 'guest', isEnabled: false }],
    ['account-disabled', { isEnabled: false }],
    ['protocol-not-enabled', { protocols: { imap: false, pop3: true, submission: true } }],
    ['too-many-sessions', { connectionLimit: 0 }],
  ];
  it.each(RECORDS)('%s %j', async (reason, overrides) => {
    world.login.account = accountRecord(overrides);
    await expectFault(reason);
  });

  const OTHER_SECRETS: readonly [string, () => LoginAttempt['credentials']][] = [
    ['an app password', () => attempt({ password: 'app-password' }).credentials],
    [
      'SCRAM keys',
      () => ({
        kind: 'scram',
        loginName: 'anna',
        actAs: undefined,
        authMessage: RIGHT_PASSWORD,
        clientProof: Buffer.alloc(32),
        bindingFault: undefined,
      }),
    ],
    ['an issuer’s token', () => ({ kind: 'bearer', loginName: undefined, token: 'of-anna' })],
  ];
  it.each(OTHER_SECRETS)('%s of who is gone from LDAP, until he is back', async (_, show) => {
    const ldap = { entryId: 'e1', loginName: undefined, state: 'present' } as const;
    const account = accountRecord({ ldap });
    world.login.account = account;
    world.ldapPresence = { kind: 'doubtful', detail: 'no entry' };
    await expectFault('ldap-unavailable', { ...attempt(), credentials: show() });
    const absent = accountRecord({ ldap: { ...ldap, state: 'absent' } });
    world.ldapPresence = { kind: 'gone', account: absent, detail: 'no entry' };
    await expectFault('account-disabled', { ...attempt(), credentials: show() });
    world.login.account = accountRecord({ ldap: { ...ldap, state: 'absent' } });
    // The look that finds him has written it into his account.
    world.ldapPresence = { kind: 'present', account };
    expect(await logIn({ ...attempt(), credentials: show() })).toMatchObject({ ok: true });
  });

  it.each<[token: string, loginName: string | undefined, fault: Fault]>([
    ['expired', 'anna', 'token-refused'],
    ['of-anna', 'shop', 'token-refused'],
    ['of-anna', 'nobody', 'token-refused'],
    ['of-nobody', 'anna', 'token-refused'],
    ['of-nobody', undefined, 'unknown-user'],
    ['of-anna', 'anna@example.net/shop@example.net', 'act-as-not-allowed'],
    ['away', undefined, 'token-issuer-unavailable'],
  ])('the token %j beside the name %j', async (token, loginName, fault) => {
    addShop({ delegates: [] });
    await expectFault(fault, {
      ...attempt(),
      method: 'OAUTHBEARER',
      credentials: { kind: 'bearer', loginName, token },
    });
  });

  it('the session above the limit for all, and gives its place back', async () => {
    world.ports.settings = {
      ...world.ports.settings,
      sessionLimitsFor: (_address, perUser = 1) => ({ perUser, perAddress: undefined }),
    };
    expect((await logIn()).ok).toBe(true);
    const second = await logIn();
    expect(second).toMatchObject({ reason: 'too-many-sessions' });
    expect(second).toMatchObject({
      clientDetail: expect.stringContaining('MaxConnectionsPerUser'),
    });
    expect(world.claims.size).toBe(1);
    expect(world.dialler.dialled[1]?.home.isDestroyed).toBe(true);
    expect(world.dialler.dialled[1]?.home.written).toBe('');
  });
});

describe('startLogin() costs one verification', () => {
  const ASKED: readonly [string, () => LoginAttempt, string][] = [
    ['for the right one', () => attempt(), 'anna@example.net'],
    ['for a wrong one', () => attempt({ password: 'wrong' }), 'anna@example.net'],
    ['for an unknown user', () => attempt({ name: 'nobody' }), 'nobody'],
    ['for what is no name at all', () => attempt({ name: '' }), 'nobody'],
    ['for a delegate form of nonsense', () => attempt({ name: 'a/b/c/d' }), 'nobody'],
    ['for acting as two', () => attempt({ actAs: 'a@b.c/shop' }), 'nobody'],
    ['for acting as nobody', () => attempt({ actAs: 'nobody' }), 'anna@example.net'],
    [
      'for a blocked kind',
      () => {
        world.login.account = accountRecord({ kind: 'administrator' });
        return attempt();
      },
      'anna@example.net',
    ],
  ];
  it.each(ASKED)('%s', async (_claim, prepare, expected) => {
    await logIn(prepare());
    expect(world.verifications).toEqual([expected]);
  });

  it('and wipes the password, right or wrong', async () => {
    for (const password of [RIGHT_PASSWORD, 'wrong']) {
      const tried = attempt({ password });
      await logIn(tried);
      expect(tried.credentials.password.every((octet) => octet === 0)).toBe(true);
    }
  });

  it('and wipes the password before anybody is dialled', async () => {
    const tried = attempt();
    let atDial: string | undefined;
    world.dialler.script = (home) => {
      atDial = tried.credentials.password.toString();
      home.finish();
    };
    await logIn(tried);
    expect(atDial).toBe('\0'.repeat(RIGHT_PASSWORD.length));
  });

  it('and wipes the password when the directory is away', async () => {
    world.ports.accounts = { ...world.ports.accounts, findAccount: unavailable };
    const tried = attempt();
    await logIn(tried);
    expect(tried.credentials.password.every((octet) => octet === 0)).toBe(true);
  });
});

describe('startLogin() calls it our fault', () => {
  it('when the directory cannot look the name up', async () => {
    world.ports.accounts = { ...world.ports.accounts, findAccount: unavailable };
    await expectFault('directory-unavailable');
  });

  it('when the directory cannot look the mailbox up, but only for the right password', async () => {
    const { accounts } = world.ports;
    const findAccount: typeof accounts.findAccount = async (name) =>
      name === 'shop' ? unavailable() : accounts.findAccount(name);
    world.ports.accounts = { ...accounts, findAccount };
    await expectFault('directory-unavailable', attempt({ actAs: 'shop' }));
    await expectFault('wrong-password', attempt({ actAs: 'shop', password: 'wrong' }));
  });

  it('when the directory cannot say where the home is', async () => {
    world.ports.accounts = { ...world.ports.accounts, getSite: unavailable };
    await expectFault('directory-unavailable');
  });

  it('when the registry cannot count, even so late', async () => {
    world.ports.registry = {
      ...world.ports.registry,
      claim: () => Promise.reject(new DirectoryUnavailableError('away')),
    };
    await expectFault('directory-unavailable');
  });

  it('when too many passwords wait to be verified', async () => {
    world.ports.verifier = { ...world.ports.verifier, verifyPassword: async () => 'busy' };
    await expectFault('verifier-busy');
  });

  const SITES: readonly [Fault, SiteRecord | undefined][] = [
    ['site-unknown', undefined],
    ['shard-unassigned', siteRecord({ shardTable: { version: 1, workerOfShard: [] } })],
    ['shard-unassigned', siteRecord({ workers: [] })],
    [
      'shard-unassigned',
      siteRecord({ shardTable: { version: 1, workerOfShard: Array<number>(256).fill(7) } }),
    ],
  ];
  it.each(SITES)('%s', async (reason, site) => {
    world.site = site;
    await expectFault(reason);
  });

  it.each([
    ['unreachable', 'site-unreachable'],
    ['tls-failed', 'site-tls-failed'],
  ] as const)('when the dial is %s', async (reason, expected) => {
    world.dialler.failure = { ok: false, reason, detail: 'because' };
    await expectFault(expected);
  });

  const SCRIPTS: readonly [string, Fault, (home: ScriptedHome) => void][] = [
    ['ends without a greeting', 'site-broke-off', (home) => home.finish()],
    ['says goodbye at once', 'site-broke-protocol', (home) => home.feed('BYE\n')],
    ['ends after the ticket', 'site-broke-off', afterTicket((home) => home.finish())],
    ['talks nonsense', 'site-broke-protocol', afterTicket((home) => home.feed('%%\n'))],
    [
      'refuses the ticket as if it were a password',
      'site-refused',
      afterTicket((home) => home.feed('NO AUTHENTICATIONFAILED no\n')),
    ],
    ['is locked', 'mailbox-in-use', afterTicket((home) => home.feed('NO IN-USE locked\n'))],
    ['is full', 'home-limit', afterTicket((home) => home.feed('NO LIMIT full\n'))],
  ];
  it.each(SCRIPTS)('when the home %s', async (_claim, reason, script) => {
    world.dialler.script = script;
    await expectFault(reason);
  });

  it('when a step behind the gate breaks, and gives the place at the gate back', async () => {
    let leftCount = 0;
    const noteOutcome = () => Promise.resolve();
    const leave = (): void => void (leftCount += 1);
    world.ports.gate = {
      ...world.ports.gate,
      enter: () => Promise.resolve({ ok: true, standing: 'clean', noteOutcome, leave }),
    };
    world.ports.sharedSecrets = {
      ...world.ports.sharedSecrets,
      markOf: () => Promise.reject(new Error('a bug')),
    };
    await expectFault('internal-error', attempt({}));
    expect(leftCount).toBe(1);
  });

  it('when a step breaks by a bug, with the bug in the log only', async () => {
    world.ports.signer = {
      sign() {
        throw new Error('bug');
      },
    };
    await expectFault('internal-error');
  });
});

describe('startLogin() asks the directory again when a home refuses', () => {
  /** Takes tickets from this number on. */
  function acceptFrom(ticketNumber: number): void {
    world.dialler.script = afterTicket((home) => {
      const isGood = world.tickets.length >= ticketNumber;
      home.feed(isGood ? 'OK CAPS\n' : 'NO UNAVAILABLE not here\n');
    });
  }

  /** What the directory has by now, and the front end has not heard of. */
  function change(account: Partial<AccountRecord>, site?: SiteRecord): void {
    const record = { ...world.login, account: accountRecord(account) };
    world.ports.accounts = {
      ...world.ports.accounts,
      rereadAccount: async () => ({ kind: 'found', record }),
      rereadSite: async () => {
        world.site = site ?? world.site;
        return world.ports.accounts.getSite(record.account.home);
      },
    };
  }

  it('and logs in with the new epoch', async () => {
    acceptFrom(2);
    change({ epoch: 4 });
    expect((await logIn()).ok).toBe(true);
    expect(world.tickets).toMatchObject([{ epoch: 3 }, { epoch: 4 }]);
    expect(world.verifications).toHaveLength(1);
    expect(world.claims.size).toBe(1);
    expect(world.dialler.dialled.map(({ home }) => home.isDestroyed)).toEqual([true, false]);
  });

  it('and logs in at the new home, where the session is counted', async () => {
    acceptFrom(2);
    change({ home: 'oslo' as AccountRecord['home'], epoch: 4 });
    expect(await logIn()).toMatchObject({ ok: true, session: { site: 'oslo' } });
    expect([...world.claims]).toMatchObject([{ site: 'oslo' }]);
  });

  it('and logs in at the worker that has the shard now', async () => {
    acceptFrom(2);
    const workerOfShard = Array<number>(256).fill(1);
    const old = siteRecord({
      shardTable: { version: 4, workerOfShard: workerOfShard.map(() => 0) },
    });
    world.site = old;
    change({}, siteRecord({ shardTable: { version: 5, workerOfShard } }));
    expect((await logIn()).ok).toBe(true);
    expect(world.dialler.dialled.map(({ target }) => target.port)).toEqual([1993, 2993]);
  });

  it('and lets a delegate in by what it says of the mailbox now', async () => {
    addShop();
    acceptFrom(2);
    change({ ...SHOP, epoch: 8 });
    expect((await logIn(attempt({ actAs: 'shop' }))).ok).toBe(true);
    expect(world.tickets).toMatchObject([{ epoch: 7 }, { epoch: 8, act: accountRecord().id }]);
  });

  it.each<[string, Fault, () => void]>([
    ['nothing new', 'site-refused', () => change({})],
    [
      'that the name is another’s now',
      'site-refused',
      () => change({ id: '01HOTHER000000000000000000' as AccountRecord['id'] }),
    ],
    ['that it is off', 'account-disabled', () => change({ epoch: 4, isEnabled: false })],
    [
      'that it is away',
      'site-refused',
      () => {
        world.ports.accounts = { ...world.ports.accounts, rereadAccount: unavailable };
      },
    ],
    [
      'that there is nobody any more',
      'site-refused',
      () => {
        const rereadAccount = async () => ({ kind: 'unknown' }) as const;
        world.ports.accounts = { ...world.ports.accounts, rereadAccount };
      },
    ],
  ])('and tries no other time where it says %s', async (_what, reason, prepare) => {
    acceptFrom(2);
    prepare();
    await expectFault(reason);
    expect(world.tickets).toHaveLength(1);
  });

  it('once, and not twice', async () => {
    acceptFrom(9);
    change({ epoch: 4 });
    await expectFault('site-refused');
    expect(world.tickets).toHaveLength(2);
  });
});

describe('startLogin() answers by its deadline', () => {
  it('when the home says nothing, and leaves nothing behind', async () => {
    world.dialler.script = () => {};
    await expectDeadline('home');
    expect(world.dialler.dialled[0]?.home.isDestroyed).toBe(true);
  });

  it('when the home swallows the ticket', async () => {
    world.dialler.script = (home) => home.feed('HELLO\n');
    await expectDeadline('home');
  });

  it('when the directory hangs, and undoes what comes late', async () => {
    let answer: (found: SiteLookup) => void = () => {};
    const { getSite } = world.ports.accounts;
    let isAsked = false;
    world.ports.accounts = {
      ...world.ports.accounts,
      // The first question is whether the home wants the password; the second one is the way.
      getSite(name) {
        if (!isAsked) {
          isAsked = true;
          return getSite(name);
        }
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    };
    const login = startLogin(attempt(), world.ports);
    await settle();
    world.clock.advance(4500);
    expect(await login.outcome).toMatchObject({ reason: 'login-deadline' });
    expect(world.claims.size).toBe(1);
    answer({ kind: 'found', site: siteRecord() });
    await login.settled;
    expect(world.claims.size).toBe(0);
    for (const { home } of world.dialler.dialled) expect(home.isDestroyed).toBe(true);
  });

  it('but the answer does not wait for the claim to be given back', async () => {
    let release: () => void = () => {};
    world.ports.registry = {
      ...world.ports.registry,
      release: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    };
    world.site = undefined;
    const login = startLogin(attempt(), world.ports);
    expect(await login.outcome).toMatchObject({ reason: 'site-unknown' });
    release();
    await login.settled;
  });

  async function expectDeadline(stage: string): Promise<void> {
    const login = startLogin(attempt(), world.ports);
    await settle();
    world.clock.advance(4499);
    await settle();
    expect(world.clock.timerCount).toBe(1);
    world.clock.advance(1);
    expect(await login.outcome).toMatchObject({
      reason: 'login-deadline',
      logDetail: `during ${stage}`,
    });
    await login.settled;
    expect(world.claims.size).toBe(0);
  }
});

function afterTicket(act: (home: ScriptedHome) => void): (home: ScriptedHome) => void {
  return (home) => {
    home.onWrite = () => act(home);
    home.feed('HELLO\n');
  };
}

async function unavailable(): Promise<{ readonly kind: 'unavailable' }> {
  return { kind: 'unavailable' };
}
