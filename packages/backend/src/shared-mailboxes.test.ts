/** "Other Users" and access lists (RFC 2342, RFC 4314) at a worker, over real sockets and store. */
import type { AccountRecord } from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSite, type TestSite } from './testing/test-site.ts';

const MESSAGE = 'Subject: Hello\r\n\r\nHow are you?\r\n';
const ALL = 'lrswipkxtea';

/** Whose mailbox is at which worker: the same things happen wherever the other one is. */
const PLACES = [
  { of: 'of the same worker', workerCount: 1, ownerAt: 0, guestAt: 0 },
  { of: 'of another worker', workerCount: 2, ownerAt: 1, guestAt: 0 },
] as const;
type Place = (typeof PLACES)[number];

let site: TestSite;
let place: Place;

interface Pair extends AsyncDisposable {
  readonly anna: AccountRecord;
  readonly berta: AccountRecord;
  readonly owner: RawClient;
  readonly guest: RawClient;
  /** What guest calls a folder of the owner, quoted. */
  readonly theirs: (path: string) => string;
}

/** Anna, with a message in INBOX, and Berta, both logged in; `rights` on folders are Berta's. */
async function openPair(rights?: string, ...paths: string[]): Promise<Pair> {
  const [anna, berta] = await addPeople();
  const owner = await site.openImap(anna);
  await owner.expectOk(append('INBOX'));
  for (const path of paths.length === 0 ? ['INBOX'] : paths) {
    if (rights !== undefined) await owner.expectOk(`SETACL ${path} ${berta.address} ${rights}`);
  }
  const guest = await site.openImap(berta);
  return {
    anna,
    berta,
    owner,
    guest,
    theirs: (name) => `"Other Users/${anna.address}/${name}"`,
    async [Symbol.asyncDispose]() {
      await owner.close();
      await guest.close();
    },
  };
}

async function addPeople(): Promise<[AccountRecord, AccountRecord]> {
  peopleCount += 2;
  const people = [place.ownerAt, place.guestAt].map((workerIndex, order) => {
    const number = peopleCount + order;
    const address = `person-${number}@example.test`;
    const id = site.nextAccountId(workerIndex);
    return site.addAccount({ id, names: [address, `alias-${number}`], address });
  });
  const [anna, berta] = await Promise.all(people);
  if (anna === undefined || berta === undefined) throw new Error('nobody');
  return [anna, berta];
}
let peopleCount = 0;

function append(path: string, flags = ''): string {
  return `APPEND ${path} ${flags}{${MESSAGE.length}+}\r\n${MESSAGE}`;
}

async function listed(client: RawClient, pattern = '*'): Promise<readonly string[]> {
  const { untagged } = await client.expectOk(`LIST "" "${pattern}"`);
  return untagged.map((line) => line.replace(/^\* LIST \(([^)]*)\) "\/" "?([^"]*)"?$/, '$2 ($1)'));
}

async function change(account: AccountRecord, changes: Partial<AccountRecord>): Promise<void> {
  const current = (await site.directory.getAccount(account.id)) ?? account;
  await site.directory.replaceAccount({ ...current, ...changes }, current.version);
}

/** What a command needs; the rest is not enough for it. */
const NEEDS: readonly (readonly [string, string, (pair: Pair) => string])[] = [
  ['STATUS', 'r', ({ theirs }) => `STATUS ${theirs('INBOX')} (MESSAGES)`],
  ['SELECT', 'r', ({ theirs }) => `SELECT ${theirs('INBOX')}`],
  ['GETQUOTAROOT', 'r', ({ theirs }) => `GETQUOTAROOT ${theirs('INBOX')}`],
  ['APPEND', 'i', ({ theirs }) => append(theirs('INBOX'))],
  ['CREATE', 'k', ({ theirs }) => `CREATE ${theirs('INBOX/New')}`],
  ['DELETE', 'x', ({ theirs }) => `DELETE ${theirs('INBOX/Sub')}`],
  ['RENAME', 'xk', ({ theirs }) => `RENAME ${theirs('INBOX/Sub')} ${theirs('INBOX/Other')}`],
  ['GETACL', 'a', ({ theirs }) => `GETACL ${theirs('INBOX')}`],
  ['SETACL', 'a', ({ theirs }) => `SETACL ${theirs('INBOX')} anyone l`],
  ['DELETEACL', 'a', ({ theirs }) => `DELETEACL ${theirs('INBOX')} anyone`],
  ['LISTRIGHTS', 'a', ({ theirs }) => `LISTRIGHTS ${theirs('INBOX')} anyone`],
  ['SETMETADATA', 'w', ({ theirs }) => `SETMETADATA ${theirs('INBOX')} (/shared/comment "x")`],
  ['COPY to it', 'i', ({ theirs }) => `COPY 1 ${theirs('INBOX')}`],
  ['MOVE to it', 'i', ({ theirs }) => `MOVE 1 ${theirs('INBOX')}`],
];
/** In a folder of others that is selected. */
const NEEDS_THERE: readonly (readonly [string, string, string])[] = [
  ['STORE \\Seen', 's', 'STORE 1 +FLAGS (\\Seen)'],
  ['STORE \\Deleted', 't', 'STORE 1 +FLAGS (\\Deleted)'],
  ['STORE \\Flagged', 'w', 'STORE 1 +FLAGS (\\Flagged)'],
  ['STORE of a keyword', 'w', 'STORE 1 -FLAGS ($Later)'],
  ['EXPUNGE', 'e', 'EXPUNGE'],
  ['MOVE out of it', 'te', 'MOVE 1 Archive'],
  ['COPY out of it', '', 'COPY 1 Archive'],
  ['FETCH', '', 'FETCH 1 BODY[]'],
  ['SEARCH', '', 'SEARCH TEXT you'],
];

describe.each(PLACES)('a mailbox $of:', (row) => {
  beforeAll(async () => {
    place = row;
    site = await openTestSite({ workerCount: row.workerCount });
  });
  afterAll(() => site[Symbol.asyncDispose]());

  describe('access lists', () => {
    it('name people by any login name, and show their addresses', async () => {
      await using pair = await openPair();
      const { owner, berta, anna } = pair;
      await owner.expectOk(`SETACL INBOX ${berta.names[1]?.toUpperCase()} lrs`);
      await owner.expectOk('SETACL INBOX anyone l');
      const { untagged } = await owner.expectOk('GETACL INBOX');
      const entries = `${anna.address} ${ALL}cd ${berta.address} lrs anyone l`;
      expect(untagged).toEqual([`* ACL INBOX ${entries}`]);
      await owner.expectOk(`SETACL INBOX ${berta.names[1]} +w`);
      await owner.expectOk('DELETEACL INBOX ANYONE');
      expect((await owner.expectOk('GETACL INBOX')).untagged).toEqual([
        `* ACL INBOX ${anna.address} ${ALL}cd ${berta.address} lrsw`,
      ]);
      expect((await owner.expectOk('MYRIGHTS INBOX')).untagged).toEqual([
        `* MYRIGHTS INBOX ${ALL}cd`,
      ]);
    });

    it.each([
      ['nobody', 'SETACL INBOX nobody lr'],
      ['nobody, to be removed', 'DELETEACL INBOX nobody'],
      ['who lives elsewhere', 'SETACL INBOX elsewhere@example.test lr'],
      ['an administrator', 'SETACL INBOX root@example.test lr'],
      ['a negative right', 'SETACL INBOX -anyone lr'],
      ['a folder that is not there', 'SETACL Nowhere anyone lr'],
    ])('refuse %s', async (_what, command) => {
      await using pair = await openPair();
      await site.addAccount({ names: ['root@example.test'], kind: 'administrator' }).catch(ignore);
      expect((await pair.owner.command(command)).status).toBe('NO');
      const { owner, anna } = pair;
      expect((await owner.expectOk('GETACL INBOX')).untagged).toEqual([
        `* ACL INBOX ${anna.address} ${ALL}cd`,
      ]);
    });

    it('keep what is left of somebody who is gone, until it is taken away', async () => {
      await using pair = await openPair('lr');
      await site.directory.deleteAccount(pair.berta.id);
      await expect
        .poll(async () => (await pair.owner.expectOk('GETACL INBOX')).untagged.join())
        .toContain(`${pair.berta.id} lr`);
      await pair.owner.expectOk(`DELETEACL INBOX ${pair.berta.id}`);
      expect((await pair.owner.expectOk('GETACL INBOX')).untagged.join()).not.toContain(
        pair.berta.id,
      );
    });

    it('are those of the parent for a new folder (RFC 4314 §4)', async () => {
      await using pair = await openPair('lrk');
      await pair.guest.expectOk(`CREATE ${pair.theirs('INBOX/New')}`);
      expect((await pair.guest.expectOk(`MYRIGHTS ${pair.theirs('INBOX/New')}`)).untagged).toEqual([
        `* MYRIGHTS ${pair.theirs('INBOX/New')} lrkc`,
      ]);
    });
  });

  describe('the folders of others', () => {
    it('are in a namespace of their own, and shown with the levels above them', async () => {
      await using pair = await openPair('lr');
      const { guest, anna } = pair;
      expect((await guest.expectOk('NAMESPACE')).untagged).toEqual([
        '* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL',
      ]);
      expect(await listed(guest, 'Other*')).toEqual([
        'Other Users (\\Noselect \\HasChildren)',
        `Other Users/${anna.address} (\\Noselect \\HasChildren)`,
        `Other Users/${anna.address}/INBOX (\\HasNoChildren)`,
      ]);
      expect(await listed(guest, '%')).toContain('Other Users (\\Noselect \\HasChildren)');
    });

    it('are not shown without "l", and not even known of without any right', async () => {
      await using pair = await openPair('ri');
      expect(await listed(pair.guest, 'Other*')).toEqual([]);
      await pair.guest.expectOk(`STATUS ${pair.theirs('INBOX')} (MESSAGES)`);
      for (const path of ['Drafts', 'Nowhere']) {
        const { text } = await pair.guest.command(`STATUS ${pair.theirs(path)} (MESSAGES)`);
        expect(text).toMatch(/^NO \[NONEXISTENT\]/);
        expect((await pair.guest.command(`MYRIGHTS ${pair.theirs(path)}`)).text).toMatch(
          /^NO \[NONEXISTENT\]/,
        );
      }
      const stranger = await site.openImap((await addPeople())[0]);
      const { text } = await stranger.command(`STATUS ${pair.theirs('INBOX')} (MESSAGES)`);
      expect(text).toMatch(/^NO \[NONEXISTENT\]/);
      await stranger.close();
    });

    it('are shown to everybody of the site where they are anyone’s', async () => {
      await using pair = await openPair();
      await pair.owner.expectOk('SETACL Archive anyone lr');
      const stranger = await site.openImap((await addPeople())[0]);
      expect(await listed(stranger, `Other Users/${pair.anna.address}/*`)).toHaveLength(1);
      await pair.owner.expectOk('DELETEACL Archive anyone');
      expect(await listed(stranger, `Other Users/${pair.anna.address}/*`)).toEqual([]);
      await stranger.close();
    });

    it('are all shown to a delegate, without any list', async () => {
      await using pair = await openPair();
      const { anna, berta, guest } = pair;
      await change(anna, { delegates: [{ accountId: berta.id, rights: ['read'] }] });
      const folders = `Other Users/${anna.address}/*`;
      await expect.poll(() => listed(guest, folders)).toHaveLength(6);
      expect((await guest.expectOk(`MYRIGHTS ${pair.theirs('Drafts')}`)).untagged.join()).toMatch(
        / lr$/,
      );
      expect((await guest.command(`CREATE ${pair.theirs('New')}`)).status).toBe('NO');
      await change(anna, { delegates: [{ accountId: berta.id, rights: ['full'] }] });
      await expect
        .poll(async () => (await guest.command(`CREATE ${pair.theirs('New')}`)).status)
        .toBe('OK');
      await change(anna, { delegates: [] });
      await expect.poll(() => listed(guest, folders)).toEqual([]);
    });

    it('can be subscribed, by who sees them', async () => {
      await using pair = await openPair('lr');
      const { guest, owner, theirs } = pair;
      await guest.expectOk(`SUBSCRIBE ${theirs('INBOX')}`);
      const lsub = async (client: RawClient): Promise<string> =>
        (await client.expectOk('LSUB "" "Other*"')).untagged.join();
      expect(await lsub(guest)).toContain(theirs('INBOX'));
      expect(await lsub(owner)).toBe('');
      const { untagged } = await guest.expectOk('LIST (SUBSCRIBED) "" "Other*"');
      expect(untagged.join()).toContain('\\Subscribed');
      expect(untagged.join()).not.toContain('\\NonExistent');
      await owner.expectOk(`DELETEACL INBOX ${pair.berta.address}`);
      expect((await guest.expectOk('LIST (SUBSCRIBED) "" "Other*"')).untagged.join()).toContain(
        '\\NonExistent',
      );
      await guest.expectOk(`UNSUBSCRIBE ${theirs('INBOX')}`);
      expect(await lsub(guest)).toBe('');
    });

    it('vanish while their owner is switched off, and when the site is another', async () => {
      await using pair = await openPair(ALL);
      await change(pair.anna, { protocols: { imap: false, pop3: true, submission: true } });
      await expect.poll(() => listed(pair.guest, 'Other*')).toEqual([]);
      expect((await pair.guest.command(`SELECT ${pair.theirs('INBOX')}`)).text).toMatch(
        /^NO \[NONEXISTENT\]/,
      );
    });

    it('are not those of a mailbox that is opened for another, nor of an operator', async () => {
      await using pair = await openPair('lr');
      const { berta } = pair;
      const person = await site.addAccount({
        delegates: [{ accountId: berta.id, rights: ['full'] }],
      });
      for (const claims of [{ act: berta.id }, { operator: true as const }]) {
        await using client = await site.connect('imaps');
        const account = 'act' in claims ? person : berta;
        await site.authenticate(client, site.sign(account, client, claims));
        expect((await client.expectOk('NAMESPACE')).untagged).toEqual([
          '* NAMESPACE (("" "/")) NIL NIL',
        ]);
        expect(await listed(client, 'Other*')).toEqual([]);
      }
    });

    it('give way to folders of one’s own that were called so before', async () => {
      await using pair = await openPair('lr');
      const { guest, berta, anna } = pair;
      await using operator = await site.connect('imaps');
      await site.authenticate(operator, site.sign(berta, operator, { operator: true }));
      await operator.expectOk(`CREATE ${pair.theirs('INBOX')}`);
      await guest.expectOk(append(pair.theirs('INBOX')));
      const status = await guest.expectOk(`STATUS ${pair.theirs('INBOX')} (MESSAGES)`);
      expect(status.untagged.join()).toContain('(MESSAGES 1)');
      expect(await listed(guest, `Other Users/${anna.address}/*`)).toHaveLength(1);
      expect((await guest.command('CREATE "Other Users/Mine"')).status).toBe('NO');
      expect((await guest.command('RENAME Drafts "Other Users/Mine"')).status).toBe('NO');
      await guest.expectOk(`RENAME ${pair.theirs('INBOX')} Rescued`);
    });
  });

  describe('a right', () => {
    it.each(NEEDS)('to %s is "%s"', async (_what, needed, command) => {
      await using pair = await openPair();
      const { owner, guest, berta } = pair;
      await owner.expectOk('CREATE INBOX/Sub');
      const setRights = async (rights: string): Promise<void> => {
        for (const path of ['INBOX', 'INBOX/Sub']) {
          await owner.expectOk(`SETACL ${path} ${berta.address} ${rights}`);
        }
      };
      await guest.expectOk(append('INBOX'));
      await guest.expectOk('SELECT INBOX');
      for (const right of needed) {
        await setRights(ALL.replace(right, ''));
        expect((await guest.command(command(pair))).status).toBe('NO');
      }
      await setRights(`l${needed}`);
      await guest.expectOk(command(pair));
    });

    it.each(NEEDS_THERE)('to %s is "%s"', async (_what, needed, command) => {
      await using pair = await openPair();
      const { owner, guest, berta, theirs } = pair;
      await owner.expectOk(`SETACL INBOX ${berta.address} ${ALL}`);
      await guest.expectOk(`SELECT ${theirs('INBOX')}`);
      for (const right of needed) {
        await owner.expectOk(`SETACL INBOX ${berta.address} ${ALL.replace(right, '')}`);
        expect((await guest.command(command)).status).toBe('NO');
      }
      await owner.expectOk(`SETACL INBOX ${berta.address} lr${needed}`);
      await guest.expectOk(command);
    });

    it('decides which flags are told as permanent, and what access', async () => {
      await using pair = await openPair();
      const { owner, guest, berta, theirs } = pair;
      const select = async (rights: string): Promise<string> => {
        await owner.expectOk(`SETACL INBOX ${berta.address} ${rights}`);
        const { untagged, text } = await guest.expectOk(`SELECT ${theirs('INBOX')}`);
        const flags = untagged.find((line) => line.includes('PERMANENTFLAGS')) ?? '';
        return `${/\((.*)\)/.exec(flags)?.[1]} ${/READ-\w+/.exec(text)?.[0]}`;
      };
      expect(await select('lr')).toBe(' READ-ONLY');
      expect(await select('lri')).toBe(' READ-WRITE');
      expect(await select('lrs')).toBe('\\Seen READ-WRITE');
      expect(await select('lrte')).toBe('\\Deleted READ-WRITE');
      expect(await select('lrw')).toBe('\\Answered \\Flagged \\Draft \\* READ-WRITE');
    });

    it('to flags decides which a message gets that is appended or copied', async () => {
      await using pair = await openPair();
      const { owner, guest, berta, theirs } = pair;
      await owner.expectOk(`SETACL Archive ${berta.address} lrisw`);
      await owner.expectOk(`SETACL Drafts ${berta.address} lrit`);
      const flags = '(\\Seen \\Deleted \\Flagged $Later) ';
      await guest.expectOk(append(theirs('Archive'), flags));
      await guest.expectOk(append('INBOX', flags));
      await guest.expectOk('SELECT INBOX');
      await guest.expectOk(`COPY 1 ${theirs('Archive')}`);
      await guest.expectOk(`SELECT ${theirs('Archive')}`);
      await guest.expectOk(`COPY 1 ${theirs('Drafts')}`);
      const told = (await guest.expectOk('FETCH 1:* FLAGS')).untagged;
      expect(told.map((line) => line.replace(' \\Recent', ''))).toEqual([
        '* 1 FETCH (FLAGS (\\Flagged \\Seen $Later))',
        '* 2 FETCH (FLAGS (\\Flagged \\Seen $Later))',
      ]);
      await guest.expectOk(`SELECT ${theirs('Drafts')}`);
      expect((await guest.expectOk('FETCH 1 FLAGS')).untagged.join()).not.toMatch(
        /Seen|Flag[^S]|La/,
      );
    });

    it('that some flags lack leaves those as they are', async () => {
      await using pair = await openPair('lrsw');
      const { owner, guest, theirs } = pair;
      await owner.expectOk('SELECT INBOX');
      await owner.expectOk('STORE 1 FLAGS (\\Deleted \\Answered Old)');
      await guest.expectOk(`SELECT ${theirs('INBOX')}`);
      await guest.expectOk('STORE 1 FLAGS.SILENT (\\Seen New)');
      const { untagged } = await owner.expectOk('FETCH 1 FLAGS');
      expect(untagged.at(-1)).toContain('(FLAGS (\\Deleted \\Seen New');
      await guest.expectOk('STORE 1 +FLAGS (\\Deleted \\Flagged)');
      await guest.expectOk('STORE 1 FLAGS ()');
      const left = (await owner.expectOk('FETCH 1 FLAGS')).untagged.at(-1);
      expect(left?.replace(' \\Recent', '')).toBe('* 1 FETCH (FLAGS (\\Deleted))');
    });

    it('to keep \\Seen is not there: FETCH and CLOSE do without', async () => {
      await using pair = await openPair('lrwt');
      const { owner, guest, theirs } = pair;
      await guest.expectOk(`SELECT ${theirs('INBOX')}`);
      const { untagged } = await guest.expectOk('FETCH 1 BODY[]');
      expect(untagged.join('\r\n')).toContain('How are you?');
      await guest.expectOk('STORE 1 +FLAGS (\\Deleted)');
      await guest.expectOk('CLOSE');
      const status = await owner.expectOk('STATUS INBOX (MESSAGES UNSEEN)');
      expect(status.untagged.join()).toContain('(MESSAGES 1 UNSEEN 1)');
    });
  });

  describe('between two mailboxes', () => {
    it('COPY and MOVE keep octets, dates and flags, and tell the UIDs', async () => {
      await using pair = await openPair(ALL, 'INBOX', 'Archive', 'Drafts');
      const { owner, guest, theirs } = pair;
      await guest.expectOk(
        `APPEND INBOX (\\Flagged $Later) "01-Feb-2020 03:04:05 +0600" {5+}\r\nfirst`,
      );
      const large = 'x'.repeat(200_000);
      await guest.expectOk(`APPEND INBOX {${large.length}+}\r\n${large}`);
      await guest.expectOk('SELECT INBOX');
      const copied = await guest.expectOk(`COPY 1:2 ${theirs('Archive')}`);
      expect(copied.text).toMatch(/\[COPYUID \d+ 1:2 1:2\]/);
      const moved = await guest.expectOk(`UID MOVE 1:2 ${theirs('Drafts')}`);
      expect(moved.untagged.join()).toMatch(/COPYUID \d+ 1:2 1:2.*EXPUNGE/s);
      await owner.expectOk('SELECT Drafts');
      const { untagged } = await owner.expectOk('FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])');
      expect(untagged.join('\r\n')).toContain('\\Flagged $Later');
      expect(untagged.join('\r\n')).toContain('" 1-Feb-2020 03:04:05 +0600" BODY[] {5}\r\nfirst');
      expect((await owner.expectOk('FETCH 2 BODY.PEEK[]')).untagged.join()).toContain(large);
      await guest.expectOk(`EXAMINE ${theirs('Drafts')}`);
      const pieces = 'FETCH 2 (BODY.PEEK[]<65000.2000> BODY.PEEK[]<199990.20>)';
      const partly = (await guest.expectOk(pieces)).untagged.join('\r\n');
      expect(partly).toContain(`BODY[]<65000> {2000}\r\n${'x'.repeat(2_000)}`);
      expect(partly).toContain(`BODY[]<199990> {10}\r\n${'x'.repeat(10)})`);
      // And back again.
      await guest.expectOk(`SELECT ${theirs('Archive')}`);
      expect((await guest.expectOk('MOVE 1:* INBOX')).untagged.join()).toContain('COPYUID');
      expect((await guest.expectOk('STATUS INBOX (MESSAGES)')).untagged.join()).toContain('2)');
      expect((await owner.expectOk('STATUS Archive (MESSAGES)')).untagged.join()).toContain('0)');
    });

    it('COPY of many is all or nothing: a quota that ends in the middle leaves none', async () => {
      await using pair = await openPair(ALL, 'INBOX', 'Archive', 'Drafts');
      const { owner, guest, theirs, anna } = pair;
      for (let number = 0; number < 40; number += 1) await guest.expectOk(append('INBOX'));
      await change(anna, { quotaMessages: 20 });
      await expect
        .poll(async () => (await owner.expectOk('GETQUOTA ""')).untagged.join())
        .toContain('MESSAGE 1 20');
      await guest.expectOk('SELECT INBOX');
      expect((await guest.command(`COPY 1:* ${theirs('Archive')}`)).text).toMatch(
        /^NO \[OVERQUOTA\]/,
      );
      expect((await guest.command(`MOVE 1:* ${theirs('Archive')}`)).status).toBe('NO');
      expect((await owner.expectOk('STATUS Archive (MESSAGES)')).untagged.join()).toContain('0)');
      expect((await guest.expectOk('STATUS INBOX (MESSAGES)')).untagged.join()).toContain('40)');
      await guest.expectOk(`COPY 1:19 ${theirs('Archive')}`);
    });

    it('RENAME and REPLACE are refused, and to one that is not there nothing is copied', async () => {
      await using pair = await openPair(ALL, 'INBOX', 'Archive', 'Drafts');
      const { guest, theirs } = pair;
      await guest.expectOk(append('INBOX'));
      await guest.expectOk('SELECT INBOX');
      expect((await guest.command(`RENAME Drafts ${theirs('INBOX/Mine')}`)).status).toBe('NO');
      expect((await guest.command(`RENAME ${theirs('INBOX')} Mine`)).status).toBe('NO');
      const replace = `REPLACE 1 ${theirs('INBOX')} {5+}\r\nother`;
      expect((await guest.command(replace)).status).toBe('NO');
      for (const command of ['COPY', 'MOVE']) {
        const { text } = await guest.command(`${command} 1 ${theirs('Nowhere')}`);
        expect(text).toMatch(/^NO \[TRYCREATE\]|^NO \[NONEXISTENT\]/);
      }
      await guest.expectOk('FETCH 1 UID');
      await guest.expectOk(`SELECT ${theirs('INBOX')}`);
      await guest.expectOk(`REPLACE 1 ${theirs('INBOX')} {5+}\r\nother`);
    });
  });

  describe('a folder of others that is selected', () => {
    it('tells what its owner does there, and the other way round', async () => {
      await using pair = await openPair(ALL);
      const { owner, guest, theirs } = pair;
      await guest.expectOk(`SELECT ${theirs('INBOX')}`);
      await guest.sendLine('i IDLE');
      await guest.readLine();
      await owner.expectOk(append('INBOX'));
      expect(await guest.readLine()).toBe('* 2 EXISTS');
      await guest.sendLine('DONE');
      await owner.expectOk('SELECT INBOX');
      await guest.expectOk('NOOP');
      await guest.expectOk('STORE 1 +FLAGS (\\Answered)');
      expect((await owner.expectOk('NOOP')).untagged.join()).toContain('\\Answered');
    });

    it('is left when the right to read ends, and shows nothing any more', async () => {
      await using pair = await openPair('lr');
      const { owner, guest, theirs, berta } = pair;
      await guest.expectOk(`SELECT ${theirs('INBOX')}`);
      await owner.expectOk(`SETACL INBOX ${berta.address} l`);
      await expect
        .poll(async () => (await guest.command('FETCH 1 BODY[]')).untagged.join())
        .not.toContain('How are you');
      const { status } = await guest.command(`SELECT ${theirs('INBOX')}`);
      expect(status).toBe('NO');
      await guest.expectOk('SELECT INBOX');
    });

    it('is left when its owner is switched off', async () => {
      await using pair = await openPair('lr');
      const { guest, theirs, anna } = pair;
      await guest.expectOk(`SELECT ${theirs('INBOX')}`);
      await change(anna, { isEnabled: false });
      await expect
        .poll(async () => (await guest.command('FETCH 1 BODY[]')).untagged.join())
        .not.toContain('How are you');
      await guest.expectOk('SELECT INBOX');
    });

    it('has its quota told as the owner’s', async () => {
      await using pair = await openPair('lr');
      const { guest, theirs, anna } = pair;
      const { untagged } = await guest.expectOk(`GETQUOTAROOT ${theirs('INBOX')}`);
      const root = `"Other Users/${anna.address}"`;
      expect(untagged[0]).toBe(`* QUOTAROOT ${theirs('INBOX')} ${root}`);
      expect(untagged[1]).toContain(`* QUOTA ${root} (STORAGE 1`);
      expect((await guest.expectOk(`GETQUOTA ${root}`)).untagged).toEqual([untagged[1]]);
      expect((await guest.command('GETQUOTA "Other Users/nobody@example.test"')).status).toBe('NO');
    });

    it('keeps private annotations from others', async () => {
      await using pair = await openPair('lrw');
      const { owner, guest, theirs } = pair;
      await owner.expectOk('SETMETADATA INBOX (/private/comment "mine" /shared/comment "ours")');
      const { untagged } = await guest.expectOk(
        `GETMETADATA ${theirs('INBOX')} (/private/comment /shared/comment)`,
      );
      expect(untagged.join()).toContain('ours');
      expect(untagged.join()).not.toContain('mine');
      const set = `SETMETADATA ${theirs('INBOX')} (/private/comment "x")`;
      expect((await guest.command(set)).status).toBe('NO');
    });
  });
});

describe('a worker that goes away', () => {
  async function openCrew(): Promise<{
    readonly own: TestSite;
    readonly guest: RawClient;
    readonly inbox: string;
  }> {
    const own = await openTestSite({ workerCount: 2 });
    const [anna, berta] = await Promise.all([
      own.addAccount({ id: own.nextAccountId(1) }),
      own.addAccount({ id: own.nextAccountId(0) }),
    ]);
    const owner = await own.openImap(anna);
    await owner.expectOk(append('INBOX'));
    await owner.expectOk(`SETACL INBOX ${berta.address} ${ALL}`);
    await owner.close();
    const guest = await own.openImap(berta);
    return { own, guest, inbox: `"Other Users/${anna.address}/INBOX"` };
  }

  it('takes its folders along, and brings them back', async () => {
    const { own, guest, inbox } = await openCrew();
    await guest.expectOk(`SELECT ${inbox}`);
    await own.stopWorker(1, 'now');
    const gone = await guest.command('FETCH 1 BODY[]');
    expect(gone.untagged.join()).not.toContain('How are you');
    expect((await guest.command(append(inbox))).text).toMatch(/^NO \[UNAVAILABLE\]/);
    expect(await listed(guest, 'Other*')).toEqual([]);
    await guest.expectOk('SELECT INBOX');
    await own.startWorker(1);
    await guest.expectOk(`SELECT ${inbox}`);
    const { untagged } = await guest.expectOk('FETCH 1 BODY[]');
    expect(untagged.join('\r\n')).toContain('How are you?');
    await guest.close();
    await own[Symbol.asyncDispose]();
  });

  it('keeps nothing open for a session of another worker that is cut off', async () => {
    const { own, guest, inbox } = await openCrew();
    await guest.expectOk(`SELECT ${inbox}`);
    await guest.sendLine(`a APPEND ${inbox} {100}`);
    await guest.readLine();
    await guest.send('half a message');
    await own.stopWorker(0, 'now');
    await own.stopWorker(1);
    await own[Symbol.asyncDispose]();
    expect(own.log).not.toContainEqual(expect.objectContaining({ event: 'peer.failed' }));
  });
});

describe('the index of shares', () => {
  it('is mended by the owner’s next session after it was lost', async () => {
    await using own = await openTestSite();
    const [anna, berta] = await Promise.all([own.addAccount(), own.addAccount()]);
    const owner = await own.openImap(anna);
    await owner.expectOk(`SETACL INBOX ${berta.address} lr`);
    await owner.close();
    await own.stop();
    await own.removeFromVolume('shares');
    await own.start();
    await using guest = await own.openImap(berta);
    expect(await listed(guest, 'Other*')).toEqual([]);
    await using again = await own.openImap(anna);
    await again.expectOk('NOOP');
    await expect.poll(() => listed(guest, 'Other*'), { timeout: 3_000 }).toHaveLength(3);
  });
});

function ignore(): void {
  // Another row has added it.
}
