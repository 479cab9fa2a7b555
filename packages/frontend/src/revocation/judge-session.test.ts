import type { AccountRecord, AppPasswords, LoginRecord, SessionSecret } from '@homeward/directory';
import { describe, expect, it } from 'vitest';
import type { SessionFacts } from '../conversation/live-session.ts';
import { accountRecord } from '../testing/scripted-ports.ts';
import { judgeSession } from './judge-session.ts';

const PASSWORD: SessionSecret = { kind: 'password', setAtMs: 5 };
const APP: SessionSecret = { kind: 'app-password', id: 'one' };
const TOKEN: SessionSecret = { kind: 'token', expiresAtMs: 9 };
const ELSEWHERE: SessionSecret = { kind: 'elsewhere' };

const CREDENTIALS = { setAtMs: 5 } as LoginRecord['credentials'];
const APP_PASSWORDS = {
  all: [{ id: 'one', protocols: ['imap'] }],
} as unknown as AppPasswords;

function holderOf(
  account: Partial<AccountRecord> = {},
  secrets: Partial<LoginRecord> = {},
): LoginRecord {
  return {
    account: accountRecord(account),
    credentials: CREDENTIALS,
    appPasswords: APP_PASSWORDS,
    ...secrets,
  };
}

function sessionOf(secret: SessionSecret, facts: Partial<SessionFacts> = {}): SessionFacts {
  const { id, address, home } = accountRecord();
  return {
    accountId: id,
    account: address,
    delegateId: undefined,
    site: home,
    workerIndex: 0,
    loginMs: 1,
    access: 'full',
    secret,
    ...facts,
  };
}

describe('judgeSession() of one’s own mailbox', () => {
  const judge = (secret: SessionSecret, holder: LoginRecord | undefined): unknown =>
    judgeSession(sessionOf(secret), 'imap', { holder, mailbox: holder?.account });

  it.each([PASSWORD, APP, TOKEN, ELSEWHERE])('lets it stay as it was: %j', (secret) => {
    expect(judge(secret, holderOf())).toBe(undefined);
  });

  it.each<[claim: string, secret: SessionSecret, holder: LoginRecord | undefined, reason: string]>([
    ['a new password', PASSWORD, holderOf({}, { credentials: { setAtMs: 6 } as never }), 'c'],
    ['no password', PASSWORD, holderOf({}, { credentials: undefined }), 'c'],
    ['a password that lets nobody in', PASSWORD, holderOf({ isPasswordLoginOff: true }), 'c'],
    ['LDAP as the judge', PASSWORD, holderOf({ ldap: { state: 'present' } as never }), 'c'],
    ['no app passwords', APP, holderOf({}, { appPasswords: undefined }), 'c'],
    ['other app passwords', { kind: 'app-password', id: 'two' }, holderOf(), 'c'],
    ['LDAP’s password switched off', ELSEWHERE, holderOf({ isPasswordLoginOff: true }), 'c'],
    ['the account deleted', TOKEN, undefined, 'd'],
    ['the account switched off', TOKEN, holderOf({ isEnabled: false }), 'd'],
    ['its entry in LDAP gone', ELSEWHERE, holderOf({ ldap: { state: 'absent' } as never }), 'd'],
    ['a kind that never gets in', PASSWORD, holderOf({ kind: 'guest' }), 'd'],
    [
      'the protocol switched off',
      APP,
      holderOf({ protocols: { imap: false, pop3: true, submission: true } }),
      'd',
    ],
    ['another home', PASSWORD, holderOf({ home: 'oslo' as AccountRecord['home'] }), 'm'],
  ])('ends it for %s', (_claim, secret, holder, reason) => {
    const reasons: Readonly<Record<string, string>> = {
      c: 'credentials-changed',
      d: 'account-disabled',
      m: 'account-changed',
    };
    expect(judge(secret, holder)).toBe(reasons[reason]);
  });

  it('ends a session over a protocol that its app password is no longer for', () => {
    const holder = holderOf();
    const present = { holder, mailbox: holder.account };
    expect(judgeSession(sessionOf(APP), 'pop3', present)).toBe('credentials-changed');
  });

  it.each([APP, TOKEN])('is not about the password if it was not used: %j', (secret) => {
    const changed = { credentials: { setAtMs: 6 } as never };
    expect(judge(secret, holderOf({ isPasswordLoginOff: true }, changed))).toBe(undefined);
  });
});

describe('judgeSession() of another’s mailbox', () => {
  const holder = holderOf();
  const delegateId = holder.account.id;
  const SHOP: Partial<AccountRecord> = {
    id: '01HSHOP0000000000000000000' as AccountRecord['id'],
    delegates: [{ accountId: delegateId, rights: ['full'] }],
  };

  it.each<[claim: string, mailbox: Partial<AccountRecord> | undefined, reason: string | undefined]>(
    [
      ['the same right', {}, undefined],
      ['no right', { delegates: [] }, 'account-disabled'],
      [
        'a smaller right',
        { delegates: [{ accountId: delegateId, rights: ['read'] }] },
        'account-changed',
      ],
      ['the mailbox switched off', { isEnabled: false }, 'account-disabled'],
      ['the mailbox deleted', undefined, 'account-disabled'],
    ],
  )('goes by %s', (_claim, change, reason) => {
    const mailbox = change && accountRecord({ ...SHOP, ...change });
    const session = sessionOf(PASSWORD, { accountId: SHOP.id ?? '', delegateId });
    expect(judgeSession(session, 'imap', { holder, mailbox })).toBe(reason);
  });
});
