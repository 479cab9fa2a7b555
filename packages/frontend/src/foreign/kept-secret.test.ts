import type { SiteName } from '@homeward/directory';
import { describe, expect, it, test } from 'vitest';
import type { LookedUp } from '../login/look-up.ts';
import { accountRecord, siteRecord, SOME_CREDENTIALS } from '../testing/scripted-ports.ts';
import { keepSecretForHome } from './kept-secret.ts';

const door = { hosts: [{ host: 'old.test', port: 993 }], tls: 'implicit' } as const;
const old = siteRecord({
  name: 'old' as SiteName,
  workers: [],
  shardTable: { version: 1, workerOfShard: [] },
  foreign: {
    imap: door,
    trust: {},
    login: { kind: 'pass-through' },
    loginName: '{address}',
    clientIdentity: 'protocol',
  },
});

type Account = Parameters<typeof accountRecord>[0];

function lookedUp(changes: Account = {}, credentials?: typeof SOME_CREDENTIALS): LookedUp {
  const account = accountRecord({ home: old.name, ...changes });
  return { ok: true, login: { account, credentials }, mailbox: undefined, mailboxName: 'anna' };
}

function passwordOf(text: string) {
  const password = Buffer.from(text);
  return { kind: 'password', loginName: 'anna', actAs: undefined, password } as const;
}

function keep(found: LookedUp, site = old, credentials = passwordOf('secret')) {
  const accounts = { getSite: async () => ({ kind: 'found', site }) as const };
  const verifier = { findAppPassword: () => undefined };
  const deadline = { extend: () => undefined };
  return keepSecretForHome({ accounts, verifier }, found, credentials, 'imap', deadline);
}

describe('keepSecretForHome()', () => {
  it('keeps a copy for a home that wants it, and overwrites that', async () => {
    const credentials = passwordOf('secret');
    const kept = await keep(lookedUp(), old, credentials);
    credentials.password.fill(0);
    expect(Buffer.from(kept?.password ?? []).toString()).toBe('secret');
    kept?.[Symbol.dispose]();
    expect(kept?.password.every((octet) => octet === 0)).toBe(true);
  });

  it('keeps nothing for a home that does not want it', async () => {
    const master = { kind: 'master', user: 'm', secret: 's', form: 'joined' } as const;
    const { foreign } = old;
    if (foreign === undefined) throw new Error('it is foreign');
    expect(await keep(lookedUp(), siteRecord())).toBeUndefined();
    expect(
      await keep(lookedUp(), { ...old, foreign: { ...foreign, login: master } }),
    ).toBeUndefined();
  });

  it('keeps nothing for a delegate', async () => {
    const mailbox = Promise.resolve({ kind: 'unknown' } as const);
    expect(await keep({ ...lookedUp(), mailbox })).toBeUndefined();
  });

  test.each<[string, LookedUp, boolean]>([
    ['a user without a password of ours', lookedUp(), true],
    ['a user with one', lookedUp({}, SOME_CREDENTIALS), false],
    ['a guest, who is told no in the usual time', lookedUp({ kind: 'guest' }), false],
    ['who logs in by app passwords alone', lookedUp({ isPasswordLoginOff: true }), false],
    ['an account that is switched off', lookedUp({ isEnabled: false }), false],
    ['an account that LDAP judges', lookedUp({ ldap: { login: 'anna' } as never }), false],
  ])('lets the home judge %s: %#', async (_who, found, isJudgedAtHome) => {
    expect((await keep(found))?.isJudgedAtHome).toBe(isJudgedAtHome);
  });
});
