/** Delegates and account changes at a worker, over real sockets: who sees what, and until when. */
import {
  type AccountRecord,
  createPasswordService,
  type CredentialSet,
  type DelegateRight,
} from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSite, type TestSite } from './testing/test-site.ts';

const PASSWORD = 'correct horse';
const MESSAGE = 'Subject: Hello';

let site: TestSite;
let credentials: CredentialSet;
beforeAll(async () => {
  site = await openTestSite({ directLogin: true });
  const passwords = createPasswordService({
    argon2: { memoryKib: 1024, passCount: 1, parallelism: 1 },
    scramIterationCount: 4_096,
  });
  const made = await passwords.createCredentialSet(PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(made.reason);
  ({ credentials } = made);
});
afterAll(() => site[Symbol.asyncDispose]());

/** A person with a password, and a shared mailbox with a message in it and the rights given. */
async function addPair(
  ...rights: DelegateRight[]
): Promise<{ readonly anna: AccountRecord; readonly shop: AccountRecord }> {
  pairCount += 1;
  const anna = await site.addAccount(
    { names: [`anna${pairCount}@example.test`, `anna${pairCount}`, `corp\\anna${pairCount}`] },
    credentials,
  );
  const delegates = rights.length === 0 ? [] : [{ accountId: anna.id, rights }];
  const names = [`shop${pairCount}@example.test`, `shop${pairCount}`];
  const shop = await site.addAccount({ kind: 'shared', names, delegates });
  await using owner = await site.openImap(shop);
  await owner.expectOk(`APPEND INBOX {${MESSAGE.length}+}\r\n${MESSAGE}`);
  return { anna, shop };
}
let pairCount = 0;

/** The current record with changes, as an operator makes them. */
async function change(account: AccountRecord, changes: Partial<AccountRecord>): Promise<void> {
  const current = (await site.directory.getAccount(account.id)) ?? account;
  const outcome = await site.directory.replaceAccount({ ...current, ...changes }, current.version);
  if (!outcome.ok) throw new Error(outcome.reason);
}

async function openAsDelegate(
  anna: AccountRecord,
  shop: AccountRecord,
  access?: 'read',
): Promise<RawClient> {
  const client = await site.connect('imaps');
  const answer = await site.authenticate(client, site.sign(shop, client, { act: anna.id, access }));
  if (!answer.startsWith('t OK')) throw new Error(answer);
  return client;
}

function plain(actAs: string, name: string): string {
  return Buffer.from(`${actAs}\0${name}\0${PASSWORD}`).toString('base64');
}

describe('a delegate who logs in directly', () => {
  it.each<[string, (n: number) => string]>([
    ['DOMAIN/user/alias', (n) => `LOGIN corp/anna${n}/shop${n} "${PASSWORD}"`],
    ['DOMAIN/user/address', (n) => `LOGIN CORP/anna${n}/shop${n}@example.test "${PASSWORD}"`],
    ['UPN/alias', (n) => `LOGIN anna${n}@example.test/shop${n} "${PASSWORD}"`],
    ['UPN/address', (n) => `LOGIN anna${n}@example.test/Shop${n}@Example.test "${PASSWORD}"`],
    ['backslashes', (n) => `LOGIN "corp\\\\anna${n}\\\\shop${n}" "${PASSWORD}"`],
    ['authzid', (n) => `AUTHENTICATE PLAIN ${plain(`shop${n}`, `anna${n}`)}`],
    ['delegate form in PLAIN', (n) => `AUTHENTICATE PLAIN ${plain('', `corp/anna${n}/shop${n}`)}`],
  ])('opens the mailbox by %s, and the log names both', async (_form, command) => {
    const { anna, shop } = await addPair('full');
    await using client = await site.connect('imap');
    await client.expectOk(command(pairCount));
    const { untagged } = await client.expectOk('STATUS INBOX (MESSAGES)');
    expect(untagged).toEqual(['* STATUS INBOX (MESSAGES 1)']);
    const line = { event: 'session.started', accountId: shop.id, delegateId: anna.id };
    expect(site.log).toContainEqual(expect.objectContaining(line));
  });

  it.each<[string, (n: number) => readonly string[]]>([
    ['USER and PASS', (n) => [`USER anna${n}@example.test/shop${n}`, `PASS ${PASSWORD}`]],
    ['AUTH PLAIN', (n) => [`AUTH PLAIN ${plain(`shop${n}`, `anna${n}`)}`]],
  ])('opens the maildrop by %s', async (_way, lines) => {
    await addPair('full');
    await using client = await site.connect('pop3');
    for (const line of lines(pairCount)) {
      await client.sendLine(line);
      expect(await client.readLine()).toMatch(/^\+OK/);
    }
    await client.sendLine('STAT');
    expect(await client.readLine()).toBe(`+OK 1 ${MESSAGE.length}`);
  });

  it('without a right hears what a wrong password hears', async () => {
    await addPair();
    await using client = await site.connect('imap');
    const refusal = async (command: string): Promise<string> =>
      (await client.command(command)).text.replace(/ \(ref [^)]+\)$/, '');
    const wrong = await refusal(`LOGIN anna${pairCount} wrong`);
    expect(wrong).toContain('[AUTHENTICATIONFAILED]');
    const commands = [
      `AUTHENTICATE PLAIN ${plain(`shop${pairCount}`, 'anna')}`,
      `LOGIN anna${pairCount}@example.test/shop${pairCount} "${PASSWORD}"`,
      `LOGIN anna${pairCount}@example.test/nobody "${PASSWORD}"`,
    ];
    for (const command of commands) expect(await refusal(command)).toBe(wrong);
    const line = { reason: 'act-as-not-allowed', detail: 'not-a-delegate' };
    expect(site.log).toContainEqual(expect.objectContaining(line));
  });
});

describe('a delegate who may only read', () => {
  it('sees everything over IMAP and changes nothing', async () => {
    const { anna, shop } = await addPair('read');
    await using client = await openAsDelegate(anna, shop, 'read');
    expect((await client.expectOk('SELECT INBOX')).text).toContain('[READ-ONLY]');
    const { untagged } = await client.expectOk('FETCH 1 (BODY[] FLAGS)');
    expect(untagged.join('\n')).toContain(MESSAGE);
    for (const command of [
      'STORE 1 +FLAGS (\\Deleted)',
      'COPY 1 Archive',
      'MOVE 1 Archive',
      'EXPUNGE',
      'CREATE New',
      'CREATE Archive/New',
      'DELETE Archive',
      'RENAME Archive Other',
      'SUBSCRIBE INBOX',
      'UNSUBSCRIBE Drafts',
      `APPEND INBOX {${MESSAGE.length}+}\r\n${MESSAGE}`,
    ]) {
      expect([command, (await client.command(command)).status]).toEqual([command, 'NO']);
    }
    await client.expectOk('UNSELECT');
    await client.expectOk('LIST "" *');
    await using owner = await site.openImap(shop);
    const status = await owner.expectOk('STATUS INBOX (MESSAGES UNSEEN)');
    expect(status.untagged).toEqual(['* STATUS INBOX (MESSAGES 1 UNSEEN 1)']);
    const line = { event: 'session.started', accountId: shop.id, access: 'read' };
    expect(site.log).toContainEqual(expect.objectContaining(line));
  });

  it('sees everything over POP3, and removes nothing', async () => {
    await addPair('read');
    await using client = await site.connect('pop3');
    await client.sendLine(`AUTH PLAIN ${plain(`shop${pairCount}`, `anna${pairCount}`)}`);
    expect(await client.readLine()).toMatch(/^\+OK/);
    for (const command of ['DELE 1', 'QUIT']) await client.sendLine(command);
    expect(await client.readLine()).toMatch(/^-ERR \[SYS\/PERM\]/);
    expect(await client.readLine()).toMatch(/^\+OK/);
    await using again = await site.connect('pop3');
    await again.sendLine(`AUTH PLAIN ${plain(`shop${pairCount}`, `anna${pairCount}`)}`);
    await again.readLine();
    await again.sendLine('STAT');
    expect(await again.readLine()).toBe(`+OK 1 ${MESSAGE.length}`);
  });
});

describe('an open session ends', () => {
  const off = { imap: false, pop3: true, submission: true };
  type Changes = (anna: AccountRecord) => Partial<AccountRecord>;
  const DISABLED = 'account-disabled';
  it.each<[string, 'anna' | 'shop', Changes, string]>([
    ['when the delegation is taken away', 'shop', () => ({ delegates: [] }), DISABLED],
    [
      'when the delegate may only read from now on',
      'shop',
      (anna) => ({ delegates: [{ accountId: anna.id, rights: ['read'] }] }),
      'account-changed',
    ],
    ['when the mailbox is switched off', 'shop', () => ({ isEnabled: false }), DISABLED],
    ['when the mailbox speaks IMAP no more', 'shop', () => ({ protocols: off }), DISABLED],
    ['when the mailbox becomes a guest’s', 'shop', () => ({ kind: 'guest' }), DISABLED],
    ['when the mailbox has another epoch', 'shop', () => ({ epoch: 2 }), 'account-changed'],
    ['when the delegate is switched off', 'anna', () => ({ isEnabled: false }), DISABLED],
    ['when the delegate may not use IMAP any more', 'anna', () => ({ protocols: off }), DISABLED],
  ])('%s', async (_when, whose, changes, reason) => {
    const { anna, shop } = await addPair('full');
    await using client = await openAsDelegate(anna, shop);
    await client.expectOk('NOOP');
    await change(whose === 'anna' ? anna : shop, changes(anna));
    const words = reason === DISABLED ? 'account may not' : 'account has changed';
    expect(await client.readLine()).toMatch(new RegExp(`^\\* BYE .*${words}`));
    const ended = { event: 'session.ended', reason, delegateId: anna.id };
    await expect.poll(() => site.log).toContainEqual(expect.objectContaining(ended));
  });

  it('in the middle of IDLE, and at POP3', async () => {
    const { shop } = await addPair();
    await using imap = await site.openImap(shop);
    await imap.sendLine('i IDLE');
    await imap.readLine();
    const { shop: other } = await addPair('full');
    await using pop3 = await site.connect('pop3');
    await pop3.sendLine(`AUTH PLAIN ${plain(`shop${pairCount}`, `anna${pairCount}`)}`);
    await pop3.readLine();
    await change(shop, { isEnabled: false });
    await change(other, { delegates: [] });
    expect(await imap.readLine()).toMatch(/^\* BYE /);
    expect(await pop3.readLine()).toMatch(/^-ERR \[SYS\/PERM\] The account may not/);
    expect(await pop3.expectEnd()).toBe('ended');
  });

  it('when the account is deleted', async () => {
    const { shop } = await addPair();
    await using client = await site.openImap(shop);
    await site.directory.deleteAccount(shop.id);
    expect(await client.readLine()).toMatch(/^\* BYE /);
  });

  it('that was opened by a ticket from before the change', async () => {
    const { anna, shop } = await addPair('full');
    await using client = await site.connect('imaps');
    const ticket = site.sign(shop, client, { act: anna.id });
    await change(shop, { delegates: [] });
    expect(await site.authenticate(client, ticket)).toMatch(/^t OK/);
    expect(await client.readLine()).toMatch(/^\* BYE /);
  });
});

describe('an account’s quota', () => {
  const append = `APPEND INBOX {${MESSAGE.length}+}\r\n${MESSAGE}`;

  it('holds for sessions by ticket, and changes under them', async () => {
    const { shop } = await addPair();
    await change(shop, { quotaMessages: 2 });
    await using client = await site.connect('imaps');
    const quota = { bytes: undefined, messages: 2 };
    await site.authenticate(client, site.sign(shop, client, { quota }));
    await client.expectOk(append);
    expect((await client.command(append)).text).toMatch(/^NO \[OVERQUOTA\]/);
    await change(shop, { quotaMessages: 3 });
    await expect.poll(async () => (await client.command(append)).status).toBe('OK');
    await change(shop, { quotaMessages: undefined, quotaBytes: 4_096 });
    await expect
      .poll(async () => (await client.command('GETQUOTA ""')).untagged.join())
      .toContain('(STORAGE 1 4)');
  });

  it('holds for direct logins', async () => {
    const { anna } = await addPair();
    await change(anna, { quotaMessages: 1 });
    await using client = await site.connect('imap');
    await client.expectOk(`LOGIN ${anna.names[1]} "${PASSWORD}"`);
    await client.expectOk(append);
    expect((await client.command(append)).text).toMatch(/^NO \[OVERQUOTA\]/);
  });
});

describe('an open session goes on', () => {
  it('when something changes that does not concern it', async () => {
    const { anna, shop } = await addPair('full');
    await using delegate = await openAsDelegate(anna, shop);
    await using owner = await site.openImap(shop);
    await using operator = await openAsOperator(shop);
    await change(shop, { displayName: 'The shop', connectionLimit: 3 });
    await change(anna, { displayName: 'Anna' });
    await change(anna, { isEnabled: false });
    expect(await delegate.readLine()).toMatch(/^\* BYE /);
    await owner.expectOk('NOOP');
    await change(shop, { isEnabled: false });
    expect(await owner.readLine()).toMatch(/^\* BYE /);
    await operator.expectOk('NOOP');
  });
});

async function openAsOperator(shop: AccountRecord): Promise<RawClient> {
  const client = await site.connect('imaps');
  const answer = await site.authenticate(client, site.sign(shop, client, { operator: true }));
  if (!answer.startsWith('t OK')) throw new Error(answer);
  return client;
}
