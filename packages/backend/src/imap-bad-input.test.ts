/**
 * IMAP4 at a worker against clients and senders of bad faith: over real TLS, with the real store.
 * Whatever is sent has one answer, in bounded time, and everybody else is served.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { AccountRecord } from '@homeward/directory';
import type { RawClient, TaggedReply } from '@homeward/testkit';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE_MESSAGES } from './testing/hostile-messages.ts';
import { askPop3, askPop3Lines, openPop3 } from './testing/pop3-client.ts';
import { openTestSite, type TestSite } from './testing/test-site.ts';

let site: TestSite;
let account: AccountRecord;
let witness: RawClient;
beforeAll(async () => {
  site = await openTestSite();
  account = await site.addAccount();
  witness = await site.openImap(await site.addAccount());
});
afterAll(async () => {
  await witness.close();
  await site[Symbol.asyncDispose]();
});
afterEach(async () => {
  await witness.expectOk('NOOP');
  expect(site.log.filter(({ event }) => event === 'session.failed')).toEqual([]);
});

/** A command with an argument that may hold anything. */
async function sendWithLiteral(
  client: RawClient,
  before: string,
  octets: Buffer,
  behind = '',
): Promise<TaggedReply> {
  await client.send(`x ${before} {${octets.length}+}\r\n`);
  await client.send(octets);
  await client.send(`${behind}\r\n`);
  return client.readUntilTagged('x');
}

describe('a mailbox name', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['of two dots', '..', /^OK/],
    ['that leads up', '../../etc', /^OK/],
    ['that leads up inside', 'a/../../b', /^OK/],
    ['of a store’s file', 'mailbox.db', /^OK/],
    ['of an object’s property', '__proto__', /^OK/],
    ['of a slash', '/', /^NO \[CANNOT\]/],
    ['with an empty level', 'a//b', /^NO \[CANNOT\]/],
    ['with an empty first level', '/a', /^NO \[CANNOT\]/],
    ['of nothing', '', /^NO/],
    ['with NUL', 'a\0b', /^BAD/],
    ['with CR', 'a\rb', /^BAD/],
    ['with CRLF', 'a\r\nx OK b', /^BAD/],
    ['with a control character', 'a\x07b', /^BAD/],
    ['with wildcards', 'a*', /^NO \[CANNOT\]/],
    ['of 1,000 levels', Array.from({ length: 1_000 }, () => 'a').join('/'), /^NO \[CANNOT\]/],
    ['of 10 KB', 'x'.repeat(10_240), /^NO \[CANNOT\]/],
    ['of 60 KB', 'x'.repeat(61_440), /^NO \[CANNOT\]/],
    ['of 10 KB in UTF-7', `&${'AOQ'.repeat(3_413)}-`, /^(?:NO|BAD)/],
    ['in UTF-7 that does not end', '&AOQ', /^(?:OK|NO|BAD)/],
    ['in UTF-7 of half a character', '&2AA-', /^(?:OK|NO|BAD)/],
    ['in UTF-8 that is none', '\xff\xfe', /^BAD/],
    ['in UTF-8 that is too long for itself', '\xc0\xaf', /^BAD/],
    ['in UTF-8 of a surrogate', '\xed\xa0\x80', /^BAD/],
  ];

  it.each(rows)('%s has one answer from every command', async (_, name, answer) => {
    const octets = Buffer.from(name, 'latin1');
    for (const isUtf8 of [false, true]) {
      const own = await site.addAccount();
      await using client = await site.openImap(own);
      if (isUtf8) await client.expectOk('ENABLE UTF8=ACCEPT');
      const created = await sendWithLiteral(client, 'CREATE', octets);
      if (!isUtf8) expect(created.text).toMatch(answer);
      const isMade = created.status === 'OK';
      for (const [command, behind] of [
        ['SUBSCRIBE', ''],
        ['STATUS', ' (MESSAGES)'],
        ['SELECT', ''],
        ['APPEND', ' {1+}\r\nx'],
        ['GETMETADATA', ' /private/comment'],
        ['MYRIGHTS', ''],
        ['LIST ""', ''],
        ['LSUB ""', ''],
        ['RENAME INBOX', ''],
        ['COPY 1', ''],
        ['DELETE', ''],
        ['UNSUBSCRIBE', ''],
      ] as const) {
        const { status } = await sendWithLiteral(client, command, octets, behind);
        if (!isMade && ['STATUS', 'SELECT', 'APPEND', 'DELETE'].includes(command)) {
          expect([command, status]).not.toEqual([command, 'OK']);
        }
      }
      await client.expectOk('LIST "" *');
    }
  });

  it('makes no file of that name anywhere', async () => {
    const own = await site.addAccount();
    await using client = await site.openImap(own);
    const folder = path.dirname(site.config.volumeFolder);
    const list = (): string[] =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.basename(name));
    for (const name of ['../escaped', 'a/../../escaped', 'escaped']) {
      expect((await client.command(`CREATE "${name}"`)).status).toBe('OK');
      await client.expectOk(`APPEND "${name}" {200000+}\r\n${'x'.repeat(200_000)}`);
    }
    expect(list()).not.toContain('escaped');
  });
});

describe('a literal', () => {
  it.each([
    ['above the limit', 'APPEND INBOX {10000001}', /^x NO \[TOOBIG\]/],
    ['of 4 GB', 'APPEND INBOX {4294967295}', /^x NO \[TOOBIG\]/],
    ['of no size that can be meant', 'APPEND INBOX {99999999999999999999}', /^x BAD/],
    ['that does not wait, above the limit', 'APPEND INBOX {10000001+}', /^x NO \[TOOBIG\]/],
    ['for CATENATE above the limit', 'APPEND INBOX CATENATE (TEXT {10000001}', /^x NO \[TOOBIG\]/],
    ['for REPLACE above the limit', 'REPLACE 1 INBOX {10000001}', /^x NO \[TOOBIG\]/],
    [
      'for a second message above the limit',
      'APPEND INBOX {1+}\r\ny {10000001}',
      /^x NO \[TOOBIG\]/,
    ],
    ['longer than a command', 'SEARCH SUBJECT {65537}', /^x BAD/],
    ['longer than a command, for a name', 'SELECT {4294967295}', /^x BAD/],
    ['longer than a command, for metadata', 'SETMETADATA "" (/private/x {65537}', /^x BAD/],
    ['where none may be', 'STORE 1 FLAGS {5}', /^x BAD/],
    ['behind a bad date', 'APPEND INBOX "yesterday" {5}', /^x BAD/],
    ['for a mailbox that is not there', 'APPEND nowhere {5}', /^x NO \[TRYCREATE\]/],
  ])('%s is refused before it is sent', async (_, command, answer) => {
    await using client = await site.openImap(account);
    await client.expectOk('APPEND INBOX {1+}\r\nx');
    await client.expectOk('SELECT INBOX');
    await client.send(`x ${command}\r\n`);
    let line = await client.readLine();
    while (line.startsWith('* ')) line = await client.readLine();
    expect(line).toMatch(answer);
  });
});

describe('a message with', () => {
  const questions = [
    'FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY PREVIEW EMAILID)',
    'FETCH 1 BODY.PEEK[HEADER]',
    'FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject To References)]',
    'FETCH 1 BODY.PEEK[1.1.1.1.1]<0.1000>',
    `FETCH 1 BODY.PEEK[${'1.'.repeat(60)}HEADER]`,
    'FETCH 1 BODY.PEEK[9999]',
    'SEARCH TEXT zzz',
    'SEARCH SUBJECT level HEADER References x@y BODY part',
    'SORT (SUBJECT FROM DATE) UTF-8 ALL',
    'SORT (DISPLAYFROM) UTF-8 ALL',
    'THREAD REFERENCES UTF-8 ALL',
    'COPY 1 Sent',
  ];

  it.each(Object.entries(HOSTILE_MESSAGES))('%s is kept and read', async (_, text) => {
    const own = await site.addAccount();
    await using client = await site.openImap(own);
    const message = Buffer.from(text);
    expect((await sendWithLiteral(client, 'APPEND INBOX', message)).status).toBe('OK');
    await client.expectOk('SELECT INBOX');
    const whole = await client.expectOk('FETCH 1 BODY.PEEK[]');
    expect(whole.untagged.join('\r\n')).toContain(message.toString('latin1'));
    for (const question of questions) {
      const { status } = await client.command(question);
      expect([question, status]).toEqual([question, 'OK']);
    }
    // BINARY may know no way to decode a part, and says so (RFC 3516 §4.3).
    expect((await client.command('FETCH 1 BINARY.PEEK[1]')).text).toMatch(
      /^(OK|NO \[UNKNOWN-CTE\])/,
    );
    await witness.expectOk('NOOP');
    await using pop3 = await openPop3(site, own);
    const lines = await askPop3Lines(pop3, 'RETR 1');
    const bare = (octets: string): string =>
      octets.replaceAll(/^\.\./gm, '.').replaceAll(/[\r\n]/g, '');
    if (!text.includes('ü')) expect(bare(lines.join('\n'))).toBe(bare(message.toString('latin1')));
    await askPop3Lines(pop3, 'TOP 1 3');
    expect(await askPop3(pop3, 'QUIT')).toMatch(/^\+OK/);
  });

  it.each([
    ['NUL', 'a\0b', /^BAD/],
    ['nothing', '', /^NO/],
  ])('%s is refused, and the connection goes on', async (_, text, answer) => {
    await using client = await site.openImap(account);
    const refused = await sendWithLiteral(client, 'APPEND INBOX', Buffer.from(text));
    expect(refused.text).toMatch(answer);
    await client.expectOk('NOOP');
  });
});

describe('a command with', () => {
  /** As many as a command may hold. */
  const fill = (text: string): string => text.repeat(Math.floor(60_000 / text.length));
  const count = (length: number, make: (at: number) => string): string =>
    Array.from({ length }, (_, at) => make(at)).join(' ');

  it.each([
    ['100,000 keys', `SEARCH ${'ALL '.repeat(100_000)}ALL`, /^BAD/],
    ['as many keys as fit', `SEARCH ${fill('ALL ')}ALL`, /^OK/],
    ['thousands of texts', `SEARCH ${count(5_000, (at) => `TEXT q${at}`)}`, /^NO \[LIMIT\]/],
    ['thousands of headers', `SEARCH ${fill('HEADER x y ')}ALL`, /^NO \[LIMIT\]/],
    ['thousands of ORs', `SEARCH ${fill('OR SEEN ')}ALL`, /^BAD/],
    ['thousands of NOTs', `SEARCH ${fill('NOT ')}ALL`, /^BAD/],
    ['thousands of parentheses', `SEARCH ${'('.repeat(25_000)}ALL${')'.repeat(25_000)}`, /^BAD/],
    ['thousands of numbers', `SEARCH ${fill('1,')}1`, /^OK/],
    ['thousands of ranges', `SEARCH UID ${fill('4294967295:1,')}1`, /^OK/],
    ['thousands of sort criteria', `SORT (${fill('SUBJECT ')}SUBJECT) UTF-8 ALL`, /^OK/],
    ['thousands of fetch items', `FETCH 1:* (${fill('FLAGS ')}FLAGS)`, /^OK/],
    ['thousands of bodies', `FETCH 1:* (${fill('BODY.PEEK[] ')}FLAGS)`, /^OK/],
    ['thousands of field names', `FETCH 1:* BODY.PEEK[HEADER.FIELDS (${fill('x ')}x)]`, /^OK/],
    ['thousands of part numbers', `FETCH 1:* BODY.PEEK[${fill('1.')}1]`, /^(?:OK|NO|BAD)/],
    ['thousands of flags', `STORE 1 +FLAGS (${count(5_000, (at) => `k${at}`)})`, /^NO/],
    ['a flag of 60 KB', `STORE 1 +FLAGS (${'k'.repeat(60_000)})`, /^NO/],
    ['thousands of patterns', `LIST "" (${fill('* ')}%)`, /^OK/],
    ['thousands of stars', `LIST "" ${'*a'.repeat(20_000)}`, /^OK/],
    ['thousands of wildcards', `LIST "" "${'%*'.repeat(20_000)}x"`, /^OK/],
    ['thousands of status items', `STATUS INBOX (${fill('MESSAGES ')}UNSEEN)`, /^OK/],
    ['thousands of annotations', `GETMETADATA INBOX (${fill('/private/a ')}/private/b)`, /^OK/],
    ['thousands of fields of ID', `ID (${count(2_000, (at) => `"k${at}" "v"`)})`, /^(?:OK|BAD)/],
  ])('%s is answered in time', async (_, command, answer) => {
    const own = await site.addAccount();
    await using client = await site.openImap(own);
    for (let at = 0; at < 20; at += 1) {
      await client.expectOk('APPEND INBOX {14+}\r\nSubject: x\r\n\r\n');
    }
    await client.expectOk('SELECT INBOX');
    expect((await client.command(command)).text).toMatch(answer);
    await client.expectOk('NOOP');
  });
});

describe('every state', () => {
  const commands = [
    'CAPABILITY',
    'NOOP',
    'LOGOUT',
    'ID NIL',
    'NAMESPACE',
    'ENABLE CONDSTORE',
    'SELECT INBOX',
    'EXAMINE INBOX',
    'CREATE a',
    'DELETE a',
    'RENAME a b',
    'SUBSCRIBE a',
    'UNSUBSCRIBE a',
    'LIST "" *',
    'LSUB "" *',
    'STATUS INBOX (MESSAGES)',
    'GETQUOTA ""',
    'GETQUOTAROOT INBOX',
    'SETQUOTA "" (STORAGE 1)',
    'GETMETADATA "" /private/x',
    'SETMETADATA "" (/private/x NIL)',
    'GETACL INBOX',
    'SETACL INBOX a lr',
    'DELETEACL INBOX a',
    'LISTRIGHTS INBOX a',
    'MYRIGHTS INBOX',
    'CHECK',
    'CLOSE',
    'UNSELECT',
    'EXPUNGE',
    'UID EXPUNGE 1',
    'SEARCH ALL',
    'UID SEARCH ALL',
    'ESEARCH IN (personal) ALL',
    'SORT (DATE) UTF-8 ALL',
    'THREAD REFERENCES UTF-8 ALL',
    'FETCH 1 FLAGS',
    'UID FETCH 1 FLAGS',
    'STORE 1 FLAGS ()',
    'UID STORE 1 FLAGS ()',
    'COPY 1 a',
    'UID COPY 1 a',
    'MOVE 1 a',
    'UID MOVE 1 a',
    'APPEND INBOX {1+}\r\nx',
    'REPLACE 1 INBOX {1+}\r\nx',
    'LOGIN a b',
    'AUTHENTICATE PLAIN AGEAYg==',
    'STARTTLS',
    'XYZZY',
    'UID',
    'UID NOOP',
    '',
    'DONE',
    'NOOP x',
    '* OK',
    '+ x',
  ];
  const states = ['before login', 'authenticated', 'selected', 'examined', 'enabled'] as const;

  async function enter(state: (typeof states)[number]): Promise<RawClient> {
    if (state === 'before login') return site.connect('imaps');
    const client = await site.openImap(account);
    if (state === 'enabled') await client.expectOk('ENABLE QRESYNC UTF8=ACCEPT IMAP4rev2');
    if (state === 'selected' || state === 'enabled') await client.expectOk('SELECT INBOX');
    if (state === 'examined') await client.expectOk('EXAMINE INBOX');
    return client;
  }

  /** @returns The tagged answer, or the goodbye of a connection that is over. */
  async function ask(client: RawClient, command: string): Promise<string> {
    await client.send(`x ${command}\r\n`);
    for (;;) {
      const line = await client.readLine();
      if (line.startsWith('+ ')) await client.send('*\r\n');
      if (line.startsWith('x ') || line.startsWith('* BYE')) return line;
    }
  }

  it.each(states)('answers every command once: %s', async (state) => {
    let client = await enter(state);
    for (const command of commands) {
      const line = await ask(client, command);
      expect([command, line]).toEqual([
        command,
        expect.stringMatching(/^(x (OK|NO|BAD) |\* BYE )/),
      ]);
      const isOver =
        line.startsWith('* BYE') || command === 'STARTTLS' || /^x OK.*COMPRESS/.test(line);
      const mustRenew =
        isOver ||
        (state !== 'before login' &&
          /^(CLOSE|UNSELECT|SELECT|EXAMINE|CREATE|RENAME)/.test(command));
      if (!mustRenew && state !== 'before login') {
        expect(await ask(client, 'NOOP')).toMatch(/^x OK /);
        continue;
      }
      await client.close();
      client = await enter(state);
    }
    await client.close();
  });

  it.each(states)(
    'bears garbage, and serves the next client: %s',
    { timeout: 60_000 },
    async (state) => {
      const word = fc.constantFrom(
        ...commands.map((command) => command.split(' ')[0] ?? ''),
        'x',
        'UID',
      );
      const junk = fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets).toString('latin1')),
        fc.constantFrom(
          '(',
          ')',
          '"',
          '{3}',
          '{3+}',
          '{99999999999}',
          '[',
          ']<0.',
          '\\',
          '%',
          '\r',
          '\n',
          '\0',
          '*',
          '~{1}',
          '$',
        ),
        fc
          .tuple(word, fc.string({ unit: 'binary-ascii', maxLength: 20 }))
          .map(([name, rest]) => `x ${name} ${rest}`),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(junk, { minLength: 1, maxLength: 20 }), async (pieces) => {
          await using client = await enter(state);
          await client.send(`${pieces.join('')}\r\n`);
          client.end();
          const { octets } = await client.readToEnd();
          if (octets.length > 0)
            expect(octets.toString('latin1')).toMatch(/^(?:\* |\+ |\S+ (?:OK|NO|BAD) )/);
        }),
        { numRuns: 25 },
      );
    },
  );
});
