/** Each command's grammar as a table: what is taken, what is refused, and by which section. */
import { describe, expect, it } from 'vitest';
import type { Command, SearchKey } from './command.ts';
import { parseCommand } from './parse-command.ts';

type Accepted = readonly [section: string, text: string, command: Command];
type Rejected = readonly [section: string, text: string];

const octets = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const one = { first: 1, last: 1 };
const search = (criteria: SearchKey): Command => ({
  name: 'search',
  numbering: 'sequence',
  returns: undefined,
  charset: undefined,
  criteria,
});
const header = (field: string, text: string): SearchKey => ({
  key: 'header',
  field,
  text: octets(text),
});
const selecting = (name: 'select' | 'examine', mailbox: string): Command => ({
  name,
  mailbox,
  condstore: false,
  qresync: undefined,
});
const section = (text: string): string => `FETCH 1 ${text}`;

function acceptAll(rows: readonly Accepted[]): void {
  it.each(rows)('%s accepts %j', (_section, text, command) => {
    expect(parseCommand(`a ${text}`, false)).toEqual({ kind: 'command', tag: 'a', command });
  });
}

function rejectAll(rows: readonly Rejected[]): void {
  it.each(rows)('%s rejects %j', (_section, text) => {
    expect(parseCommand(`a ${text}`, false)).toMatchObject({ kind: 'failed', tag: 'a' });
  });
}

describe('parseCommand() of tags and words', () => {
  it.each([
    ['RFC 3501 §9 tag', 'A.1]x'],
    ['RFC 3501 §9 tag', '{'.replace('{', '1')],
    ['RFC 3501 §9 tag', "~-_=!#$&',./:;<>?@[]^`|}"],
  ])('%s accepts the tag %j', (_section, tag) => {
    expect(parseCommand(`${tag} noop`, false)).toMatchObject({ kind: 'command', tag });
  });

  it.each(['+', 'a+b', '*', 'a"b', '(', 'a\\', 'ü', '\x7f', '%'])(
    'RFC 3501 §9 tag rejects the tag %j',
    (tag) => {
      expect(parseCommand(`${tag} noop`, false)).toMatchObject({ kind: 'failed' });
    },
  );

  it.each([
    ['', undefined, undefined],
    ['a', 'a', undefined],
    ['a ', 'a', undefined],
    ['a  NOOP', 'a', undefined],
    ['a bogus', 'a', 'BOGUS'],
    ['a UID', 'a', 'UID'],
    ['a UID BOGUS', 'a', 'UID BOGUS'],
    ['a UID NOOP', 'a', 'UID NOOP'],
    ['a UID  FETCH 1 ALL', 'a', 'UID'],
    ['a SELECT', 'a', 'SELECT'],
    ['a averyveryverylongwordthatisnone', 'a', undefined],
  ])('names what could be read of %j', (text, tag, commandName) => {
    expect(parseCommand(text, false)).toMatchObject({ kind: 'failed', tag, commandName });
  });

  it('says where, and never what', () => {
    const failed = parseCommand('a LOGIN alice hunter2(', false);
    expect(failed).toMatchObject({ text: 'Expected the end of the command at octet 22' });
  });
});

describe('parseCommand() of commands without arguments', () => {
  acceptAll([
    ['RFC 3501 §6.1.1', 'CAPABILITY', { name: 'capability' }],
    ['RFC 3501 §6.1.2', 'NoOp', { name: 'noop' }],
    ['RFC 3501 §6.1.3', 'logout', { name: 'logout' }],
    ['RFC 3501 §6.2.1', 'STARTTLS', { name: 'starttls' }],
    ['RFC 2342 §5', 'NAMESPACE', { name: 'namespace' }],
    ['RFC 2177 §3', 'IDLE', { name: 'idle' }],
    ['RFC 3501 §6.4.1', 'CHECK', { name: 'check' }],
    ['RFC 3501 §6.4.2', 'CLOSE', { name: 'close' }],
    ['RFC 3691 §2', 'UNSELECT', { name: 'unselect' }],
    ['RFC 3501 §6.4.3', 'EXPUNGE', { name: 'expunge', set: undefined }],
    ['Deviation: blanks at the end', 'NOOP  ', { name: 'noop' }],
  ]);
  rejectAll([
    ['RFC 3501 §6.1.1', 'CAPABILITY x'],
    ['RFC 3501 §6.1.2', 'NOOPS'],
    ['RFC 3501 §6.1.2', 'NOOP\t'],
    ['RFC 3501 §6.1.3', 'LOGOUT now'],
    ['RFC 3501 §6.2.1', 'STARTTLS ()'],
    ['RFC 2342 §5', 'NAMESPACE ""'],
    ['RFC 2177 §3', 'IDLE DONE'],
    ['RFC 3501 §6.4.1', 'CHECK 1'],
    ['RFC 3501 §6.4.2', 'CLOSE INBOX'],
    ['RFC 3691 §2', 'UNSELECT INBOX'],
    ['RFC 3501 §6.4.3', 'EXPUNGE 1'],
  ]);
});

describe('parseCommand() of ID and ENABLE', () => {
  acceptAll([
    ['RFC 2971 §3.1', 'ID NIL', { name: 'id', fields: new Map() }],
    ['RFC 2971 §3.1', 'ID ()', { name: 'id', fields: new Map() }],
    [
      'RFC 2971 §3.3',
      'ID ("Name" "x \\"y\\"" "version" NIL)',
      {
        name: 'id',
        fields: new Map([
          ['name', 'x "y"'],
          ['version', undefined],
        ]),
      },
    ],
    [
      'RFC 5161 §3.1',
      'ENABLE condstore X-Good-Idea',
      { name: 'enable', capabilities: ['CONDSTORE', 'X-GOOD-IDEA'] },
    ],
  ]);
  rejectAll([
    ['RFC 2971 §3.1', 'ID'],
    ['RFC 2971 §3.1', 'ID ("name")'],
    ['RFC 2971 §3.1', 'ID ("name" x)'],
    ['RFC 2971 §3.1', 'ID (NIL "x")'],
    ['RFC 2971 §3.1', 'ID ("a" "b" )'],
    ['RFC 5161 §3.1', 'ENABLE'],
    ['RFC 5161 §3.1', 'ENABLE '],
    ['RFC 5161 §3.1', 'ENABLE (CONDSTORE)'],
  ]);
});

describe('parseCommand() of AUTHENTICATE and LOGIN', () => {
  acceptAll([
    [
      'RFC 3501 §6.2.2',
      'AUTHENTICATE plain',
      { name: 'authenticate', mechanism: 'PLAIN', initialResponse: undefined },
    ],
    [
      'RFC 4959 §3',
      'AUTHENTICATE PLAIN AGEAYg==',
      { name: 'authenticate', mechanism: 'PLAIN', initialResponse: octets('\0a\0b') },
    ],
    [
      'RFC 4959 §3',
      'AUTHENTICATE EXTERNAL =',
      { name: 'authenticate', mechanism: 'EXTERNAL', initialResponse: octets('') },
    ],
    [
      'RFC 3501 §6.2.3',
      'LOGIN alice "pass word"',
      { name: 'login', user: octets('alice'), password: octets('pass word') },
    ],
    [
      'RFC 3501 §4.3',
      'LOGIN {5}\r\nalice {3+}\r\n\xff\r\n',
      { name: 'login', user: octets('alice'), password: octets('\xff\r\n') },
    ],
    [
      'RFC 3501 §9 quoted-specials',
      'LOGIN "DOMAIN\\\\user" ""',
      { name: 'login', user: octets('DOMAIN\\user'), password: octets('') },
    ],
    [
      'RFC 3501 §9 ASTRING-CHAR',
      'LOGIN a] b]',
      { name: 'login', user: octets('a]'), password: octets('b]') },
    ],
    [
      'RFC 6855 §3',
      'LOGIN "\xc3\xbc" "p\xe4"',
      { name: 'login', user: octets('\xc3\xbc'), password: octets('p\xe4') },
    ],
  ]);
  rejectAll([
    ['RFC 3501 §6.2.2', 'AUTHENTICATE'],
    ['RFC 3501 §6.2.2', 'AUTHENTICATE "PLAIN"'],
    ['RFC 4959 §3', 'AUTHENTICATE PLAIN AGEAYg'],
    ['RFC 4959 §3', 'AUTHENTICATE PLAIN A=B='],
    ['RFC 4959 §3', 'AUTHENTICATE PLAIN AGEAYg== x'],
    ['RFC 3501 §6.2.3', 'LOGIN alice'],
    ['RFC 3501 §6.2.3', 'LOGIN alice  x'],
    ['RFC 3501 §6.2.3', 'LOGIN DOMAIN\\user x'],
    ['RFC 3501 §9 quoted', 'LOGIN "alice x'],
    ['RFC 3501 §9 quoted', 'LOGIN "ali\\ce" x'],
    ['RFC 3501 §9 TEXT-CHAR', 'LOGIN "ali\r\nce" x'],
    ['RFC 3501 §4.3', 'LOGIN {5}alice x'],
    ['RFC 3501 §4.3', 'LOGIN {9}\r\nalice x'],
    ['RFC 3501 §4.3', 'LOGIN {-1}\r\nalice x'],
    ['RFC 3501 §4.3', 'LOGIN {4294967296}\r\nalice x'],
    ['RFC 3501 §6.2.3', 'LOGIN alice b%'],
  ]);
});

describe('parseCommand() of commands on mailboxes', () => {
  acceptAll([
    ['RFC 3501 §6.3.1', 'SELECT inbox', selecting('select', 'INBOX')],
    ['RFC 3501 §6.3.2', 'EXAMINE "Sent Items"', selecting('examine', 'Sent Items')],
    ['RFC 3501 §5.1.3', 'SELECT Entw&APw-rfe', selecting('select', 'Entwürfe')],
    ['RFC 6855 §3', 'SELECT "Entw\xc3\xbcrfe"', selecting('select', 'Entwürfe')],
    [
      'RFC 3501 §6.3.3',
      'CREATE Inbox/a/',
      { name: 'create', mailbox: 'INBOX/a', willHoldFolders: true, uses: [] },
    ],
    [
      'RFC 3501 §6.3.3',
      'CREATE a',
      { name: 'create', mailbox: 'a', willHoldFolders: false, uses: [] },
    ],
    ['RFC 3501 §6.3.4', 'DELETE {3+}\r\na b', { name: 'delete', mailbox: 'a b' }],
    ['RFC 3501 §6.3.5', 'RENAME a "b c"', { name: 'rename', from: 'a', to: 'b c' }],
    ['RFC 3501 §6.3.6', 'SUBSCRIBE NIL', { name: 'subscribe', mailbox: 'NIL' }],
    ['RFC 3501 §6.3.7', 'UNSUBSCRIBE a]', { name: 'unsubscribe', mailbox: 'a]' }],
    [
      'RFC 3501 §6.3.8',
      'LIST "" ""',
      { name: 'list', reference: '', patterns: [''], extended: undefined },
    ],
    [
      'RFC 3501 §6.3.8',
      'LIST "" %/*]',
      { name: 'list', reference: '', patterns: ['%/*]'], extended: undefined },
    ],
    ['RFC 3501 §6.3.9', 'LSUB a "b%"', { name: 'lsub', reference: 'a', pattern: 'b%' }],
    [
      'RFC 3501 §5.1',
      'LIST "" inbox',
      { name: 'list', reference: '', patterns: ['INBOX'], extended: undefined },
    ],
    [
      'RFC 3501 §6.3.10',
      'STATUS a (messages UNSEEN Messages)',
      { name: 'status', mailbox: 'a', items: ['messages', 'unseen'] },
    ],
    [
      'RFC 8474 §4.3',
      'STATUS a (MAILBOXID UIDNEXT UIDVALIDITY RECENT)',
      {
        name: 'status',
        mailbox: 'a',
        items: ['mailbox-id', 'uid-next', 'uid-validity', 'recent'],
      },
    ],
  ]);
  rejectAll([
    ['RFC 3501 §6.3.1', 'SELECT'],
    ['RFC 3501 §6.3.1', 'SELECT a b'],
    ['RFC 3501 §6.3.1', 'SELECT a*'],
    ['RFC 3501 §6.3.2', 'EXAMINE %'],
    ['RFC 3501 §5.1', 'SELECT "a\xff"'],
    ['RFC 5198 §2', 'SELECT {3}\r\na\r\n'],
    ['RFC 5198 §2', 'SELECT a&AAo-'],
    ['RFC 3501 §9 ATOM-CHAR', 'SELECT Entw\xc3\xbcrfe'],
    ['RFC 3501 §6.3.3', 'CREATE (a)'],
    ['RFC 3501 §6.3.4', 'DELETE "a"b'],
    ['RFC 3501 §6.3.5', 'RENAME a'],
    ['RFC 3501 §6.3.5', 'RENAME a b c'],
    ['RFC 3501 §6.3.6', 'SUBSCRIBE a\\b'],
    ['RFC 3501 §6.3.8', 'LIST ""'],
    ['RFC 3501 §6.3.8', 'LIST % %'],
    ['RFC 3501 §6.3.10', 'STATUS a'],
    ['RFC 3501 §6.3.10', 'STATUS a ()'],
    ['RFC 3501 §6.3.10', 'STATUS a (SIZES)'],
    ['RFC 3501 §6.3.10', 'STATUS a MESSAGES'],
    ['RFC 3501 §6.3.10', 'STATUS a (MESSAGES'],
    ['RFC 3501 §6.3.10', 'STATUS a (MESSAGES  UNSEEN)'],
  ]);
});

describe('parseCommand() of a prefix of APPEND', () => {
  const plain = { flags: [], internalDate: undefined, isUtf8: false, isCatenated: false };
  it.each<[string, string, object, string?]>([
    ['RFC 3501 §6.3.11', 'APPEND INBOX {5}\r\n', plain],
    ['RFC 7888 §4', 'APPEND INBOX {5+}\r\n', plain],
    ['RFC 3501 §6.3.11', 'APPEND {5}\r\ninbox {0}\r\n', plain],
    [
      'RFC 3501 §6.3.11',
      'APPEND INBOX (\\SEEN foo Foo) " 1-Feb-2024 03:04:05 +0100" {5}\r\n',
      {
        ...plain,
        flags: ['\\Seen', 'foo'],
        internalDate: { epochMs: Date.UTC(2024, 1, 1, 2, 4, 5), zoneMinutes: 60 },
      },
    ],
    ['RFC 3501 §6.3.11', 'APPEND INBOX () {5}\r\n', plain],
    ['RFC 3516 §4.4', 'APPEND INBOX ~{5}\r\n', plain],
    ['RFC 6855 §4', 'APPEND INBOX utf8 (~{5+}\r\n', { ...plain, isUtf8: true }, 'utf8'],
    [
      'RFC 4469 §5',
      'APPEND INBOX catenate (text {5}\r\n',
      { ...plain, isCatenated: true },
      'catenate',
    ],
  ])('%s accepts %j', (_section, text, options, place = 'message') => {
    const steps = [{ step: 'message-start', options }];
    expect(parseCommand(`a ${text}`, true)).toEqual({
      kind: 'streaming',
      tag: 'a',
      command: { name: 'append', mailbox: 'INBOX' },
      form: { maySeveral: true },
      piece: { steps, place },
    });
  });

  it.each([
    ['REPLACE 5 INBOX {5}\r\n', { numbering: 'sequence', number: 5 }],
    ['UID REPLACE 5 INBOX () {5}\r\n', { numbering: 'uid', number: 5 }],
    ['REPLACE * INBOX {5}\r\n', { numbering: 'sequence', number: undefined }],
  ])('RFC 8508 §5 accepts %j', (text, which) => {
    expect(parseCommand(`a ${text}`, true)).toMatchObject({
      kind: 'streaming',
      command: { name: 'replace', mailbox: 'INBOX', ...which },
      form: { maySeveral: false },
    });
  });

  it.each([
    ['RFC 3501 §6.3.11', 'APPEND {5}\r\n'],
    ['RFC 3501 §6.2.3', 'LOGIN {5}\r\n'],
    ['RFC 3501 §6.2.3', 'LOGIN {5}\r\nalice {0}\r\n'],
    ['RFC 3501 §6.4.4', 'SEARCH (TEXT {5}\r\n'],
  ])('%s awaits the literal of %j', (_section, text) => {
    expect(parseCommand(`a ${text}`, true)).toEqual({ kind: 'literal-awaited' });
  });

  it.each([
    ['RFC 3501 §6.3.11', 'APPEND INBOX (\\Seen {5}\r\n'],
    ['RFC 3501 §6.3.11', 'APPEND INBOX "1-Feb-2024 03:04:05 +0100" () {5}\r\n'],
    ['RFC 3501 §6.3.11', 'APPEND INBOX "31-Feb-2024 03:04:05 +0100" {5}\r\n'],
    ['RFC 3501 §6.3.11', 'APPEND INBOX (\\Bogus) {5}\r\n'],
    ['RFC 3501 §6.3.11', 'APPEND INBOX() {5}\r\n'],
    ['RFC 6855 §4', 'APPEND INBOX UTF8 {5}\r\n'],
    ['RFC 4469 §5', 'APPEND INBOX CATENATE {5}\r\n'],
    ['RFC 4469 §5', 'APPEND INBOX CATENATE (FILE {5}\r\n'],
    ['RFC 4469 §5', 'APPEND INBOX CATENATE () {5}\r\n'],
    ['RFC 8508 §5', 'REPLACE 1:2 INBOX {5}\r\n'],
    ['RFC 8508 §5', 'REPLACE 0 INBOX {5}\r\n'],
    ['RFC 8508 §5', 'REPLACE INBOX {5}\r\n'],
    ['RFC 3501 §6.3.1', 'SELECT INBOX {5}\r\n'],
    ['RFC 3501 §6.1.2', 'NOOP {5}\r\n'],
    ['RFC 3501 §6.4.5', 'FETCH {5}\r\n'],
  ])('%s rejects %j before its literal is sent', (_section, text) => {
    expect(parseCommand(`a ${text}`, true)).toMatchObject({ kind: 'failed', tag: 'a' });
  });

  it.each(['APPEND INBOX', 'APPEND INBOX ', 'APPEND INBOX "x"', 'APPEND INBOX {0}\r\n'])(
    'RFC 3501 §6.3.11 rejects %j, which has no message',
    (text) => {
      expect(parseCommand(`a ${text}`, false)).toMatchObject({ kind: 'failed' });
    },
  );
});

describe('parseCommand() of SEARCH', () => {
  const day = { year: 2024, month: 2, day: 1 };
  acceptAll([
    ['RFC 3501 §6.4.4', 'SEARCH ALL', search({ key: 'all' })],
    [
      'RFC 3501 §6.4.8',
      'UID SEARCH uid 1:*',
      {
        name: 'search',
        numbering: 'uid',
        returns: undefined,
        charset: undefined,
        criteria: { key: 'uid', set: [{ first: 1, last: undefined }] },
      },
    ],
    [
      'RFC 3501 §6.4.4',
      'SEARCH CHARSET utf-8 TEXT {2}\r\n\xc3\xbc',
      {
        name: 'search',
        numbering: 'sequence',
        returns: undefined,
        charset: 'UTF-8',
        criteria: { key: 'text', text: octets('\xc3\xbc') },
      },
    ],
    [
      'RFC 3501 §6.4.4',
      'SEARCH FLAGGED SINCE 1-Feb-2024 NOT FROM "Smith"',
      search({
        key: 'and',
        keys: [
          { key: 'flag', flag: '\\Flagged', isSet: true },
          { key: 'since', day },
          { key: 'not', operand: header('FROM', 'Smith') },
        ],
      }),
    ],
    [
      'RFC 3501 §6.4.4',
      'SEARCH OR (UNSEEN 1) HEADER X-Spam ""',
      search({
        key: 'or',
        left: {
          key: 'and',
          keys: [
            { key: 'flag', flag: '\\Seen', isSet: false },
            { key: 'sequence', set: [one] },
          ],
        },
        right: header('X-Spam', ''),
      }),
    ],
    ['RFC 3501 §6.4.4', 'SEARCH SUBJECT a', search(header('SUBJECT', 'a'))],
    ['RFC 3501 §6.4.4', 'SEARCH TO a', search(header('TO', 'a'))],
    ['RFC 3501 §6.4.4', 'SEARCH CC a', search(header('CC', 'a'))],
    ['RFC 3501 §6.4.4', 'SEARCH BCC a', search(header('BCC', 'a'))],
    ['RFC 3501 §6.4.4', 'SEARCH BODY a', search({ key: 'body', text: octets('a') })],
    ['RFC 3501 §6.4.4', 'SEARCH NEW', search({ key: 'new' })],
    ['RFC 3501 §6.4.4', 'SEARCH OLD', search({ key: 'old' })],
    ['RFC 3501 §6.4.4', 'SEARCH RECENT', search({ key: 'recent' })],
    ['RFC 3501 §6.4.4', 'SEARCH KEYWORD x', search({ key: 'flag', flag: 'x', isSet: true })],
    ['RFC 3501 §6.4.4', 'SEARCH UNKEYWORD x', search({ key: 'flag', flag: 'x', isSet: false })],
    ['RFC 3501 §6.4.4', 'SEARCH LARGER 0', search({ key: 'larger', sizeBytes: 0 })],
    ['RFC 3501 §6.4.4', 'SEARCH SMALLER 9', search({ key: 'smaller', sizeBytes: 9 })],
    ['RFC 8474 §6', 'SEARCH EMAILID M-1_', search({ key: 'email-id', objectId: 'M-1_' })],
    ['RFC 8474 §6', 'search threadid T1', search({ key: 'thread-id', objectId: 'T1' })],
    ['RFC 3501 §9 date', 'SEARCH BEFORE "01-feb-2024"', search({ key: 'before', day })],
    ['RFC 3501 §9 date', 'SEARCH ON 1-Feb-2024', search({ key: 'on', day })],
    ['RFC 3501 §6.4.4', 'SEARCH SENTBEFORE 1-Feb-2024', search({ key: 'sent-before', day })],
    ['RFC 3501 §6.4.4', 'SEARCH SENTON 1-Feb-2024', search({ key: 'sent-on', day })],
    ['RFC 3501 §6.4.4', 'SEARCH SENTSINCE 1-Feb-2024', search({ key: 'sent-since', day })],
    ...(['ANSWERED', 'DELETED', 'DRAFT', 'FLAGGED', 'SEEN'] as const).flatMap((word) => {
      const flag = `\\${word.charAt(0)}${word.slice(1).toLowerCase()}`;
      return [
        ['RFC 3501 §6.4.4', `SEARCH ${word}`, search({ key: 'flag', flag, isSet: true })],
        ['RFC 3501 §6.4.4', `SEARCH UN${word}`, search({ key: 'flag', flag, isSet: false })],
      ] as const;
    }),
  ]);
  rejectAll([
    ['RFC 3501 §6.4.4', 'SEARCH'],
    ['RFC 3501 §6.4.4', 'SEARCH BOGUS'],
    ['RFC 3501 §6.4.4', 'SEARCH ()'],
    ['RFC 3501 §6.4.4', 'SEARCH (ALL'],
    ['RFC 3501 §6.4.4', 'SEARCH ALL)'],
    ['RFC 3501 §6.4.4', 'SEARCH OR ALL'],
    ['RFC 3501 §6.4.4', 'SEARCH NOT'],
    ['RFC 3501 §6.4.4', 'SEARCH CHARSET UTF-8'],
    ['RFC 3501 §6.4.4', 'SEARCH FROM'],
    ['RFC 3501 §6.4.4', 'SEARCH FROM (a)'],
    ['RFC 3501 §6.4.4', 'SEARCH HEADER Subject'],
    ['RFC 3501 §6.4.4', 'SEARCH HEADER "a:b" c'],
    ['RFC 3501 §6.4.4', 'SEARCH KEYWORD \\Seen'],
    ['RFC 8474 §7 objectid', 'SEARCH EMAILID "M1"'],
    ['RFC 8474 §7 objectid', 'SEARCH EMAILID M.1'],
    ['RFC 8474 §7 objectid', `SEARCH THREADID ${'x'.repeat(256)}`],
    ['RFC 3501 §6.4.4', 'SEARCH LARGER -1'],
    ['RFC 3501 §6.4.4', 'SEARCH LARGER 9223372036854775808'],
    ['RFC 3501 §9 seq-number', 'SEARCH 0'],
    ['RFC 3501 §9 sequence-set', 'SEARCH 1,'],
    ['RFC 3501 §9 sequence-set', 'SEARCH 1:2:3'],
    ['RFC 3501 §9 date', 'SEARCH ON 30-Feb-2024'],
    ['RFC 3501 §9 date', 'SEARCH ON 1-Foo-2024'],
    ['RFC 3501 §9 date', 'SEARCH ON 1-Feb-24'],
    ['RFC 3501 §9 date', 'SEARCH ON "1-Feb-2024'],
    ['RFC 3501 §9 date', 'SEARCH ON 001-Feb-2024'],
    ['our bound of depth', `SEARCH ${'('.repeat(101)}ALL${')'.repeat(101)}`],
    ['our bound of depth', `SEARCH ${'NOT '.repeat(100)}ALL`],
    ['our bound of depth', `SEARCH ${'OR ALL '.repeat(100)}ALL`],
  ]);

  it('RFC 3501 §6.4.4 takes an unknown charset, which the session refuses', () => {
    expect(parseCommand('a SEARCH CHARSET Klingon ALL', false)).toMatchObject({
      command: { charset: 'KLINGON' },
    });
  });

  it('takes what lies within the bound of depth', () => {
    const text = `a SEARCH ${'('.repeat(99)}ALL${')'.repeat(99)}`;
    expect(parseCommand(text, false)).toMatchObject({ command: search({ key: 'all' }) });
  });
});

describe('parseCommand() of FETCH', () => {
  const all = { part: [], text: { kind: 'all' } } as const;
  const fetch = (...items: Extract<Command, { name: 'fetch' }>['items']): Command => ({
    name: 'fetch',
    numbering: 'sequence',
    set: [one],
    items,
    changedSince: undefined,
    vanished: false,
    partial: undefined,
  });
  acceptAll([
    [
      'RFC 3501 §6.4.5',
      section('FAST'),
      fetch({ item: 'flags' }, { item: 'internal-date' }, { item: 'rfc822-size' }),
    ],
    [
      'RFC 3501 §6.4.5',
      section('all'),
      fetch(
        { item: 'flags' },
        { item: 'internal-date' },
        { item: 'rfc822-size' },
        { item: 'envelope' },
      ),
    ],
    [
      'RFC 3501 §6.4.5',
      section('FULL'),
      fetch(
        { item: 'flags' },
        { item: 'internal-date' },
        { item: 'rfc822-size' },
        { item: 'envelope' },
        { item: 'body' },
      ),
    ],
    [
      'RFC 3501 §6.4.5',
      section('(RFC822 RFC822.HEADER rfc822.text BODYSTRUCTURE BODY UID)'),
      fetch(
        { item: 'rfc822' },
        { item: 'rfc822-header' },
        { item: 'rfc822-text' },
        { item: 'body-structure' },
        { item: 'body' },
        { item: 'uid' },
      ),
    ],
    [
      'RFC 8474 §5',
      section('(EMAILID THREADID EMAILID)'),
      fetch({ item: 'email-id' }, { item: 'thread-id' }),
    ],
    [
      'RFC 3501 §6.4.5',
      section('BODY[]'),
      fetch({ item: 'body-section', section: all, peek: false, partial: undefined, label: '' }),
    ],
    [
      'RFC 3501 §6.4.5',
      section('body.peek[]<0.1024>'),
      fetch({
        item: 'body-section',
        section: all,
        peek: true,
        partial: { start: 0, count: 1024 },
        label: '',
      }),
    ],
    [
      'RFC 3501 §6.4.5',
      section('BODY[1.2.mime]'),
      fetch({
        item: 'body-section',
        section: { part: [1, 2], text: { kind: 'mime' } },
        peek: false,
        partial: undefined,
        label: '1.2.MIME',
      }),
    ],
    [
      'RFC 3501 §6.4.5',
      section('BODY[1]'),
      fetch({
        item: 'body-section',
        section: { part: [1], text: { kind: 'all' } },
        peek: false,
        partial: undefined,
        label: '1',
      }),
    ],
    [
      'RFC 3501 §6.4.5',
      section('BODY[3.header.fields.not ("From" {4}\r\nDate)]'),
      fetch({
        item: 'body-section',
        section: { part: [3], text: { kind: 'header-fields-not', fields: ['From', 'Date'] } },
        peek: false,
        partial: undefined,
        label: '3.HEADER.FIELDS.NOT (From Date)',
      }),
    ],
    [
      'RFC 3501 §6.4.8',
      'UID FETCH *:4,2 FLAGS',
      {
        name: 'fetch',
        numbering: 'uid',
        set: [
          { first: undefined, last: 4 },
          { first: 2, last: 2 },
        ],
        items: [{ item: 'flags' }],
        changedSince: undefined,
        vanished: false,
        partial: undefined,
      },
    ],
  ]);
  rejectAll([
    ['RFC 3501 §6.4.5', 'FETCH'],
    ['RFC 3501 §6.4.5', 'FETCH 1'],
    ['RFC 3501 §6.4.5', 'FETCH 1 ()'],
    ['RFC 3501 §6.4.5', 'FETCH x FLAGS'],
    ['RFC 3501 §6.4.5', section('BOGUS')],
    ['RFC 3501 §6.4.5', section('(FAST)')],
    ['RFC 3501 §6.4.5', section('FLAGS UID')],
    ['RFC 3501 §6.4.5', section('(FLAGS UID')],
    ['RFC 3501 §6.4.5', section('BODY.PEEK')],
    ['RFC 3501 §6.4.5', section('BODY[')],
    ['RFC 3501 §6.4.5', section('BODY[1.]')],
    ['RFC 3501 §6.4.5', section('BODY[0]')],
    ['RFC 3501 §6.4.5', section('BODY[.TEXT]')],
    ['RFC 3501 §6.4.5', section('BODY[MIME]')],
    ['RFC 3501 §6.4.5', section('BODY[BOGUS]')],
    ['RFC 3501 §6.4.5', section('BODY[1 TEXT]')],
    ['RFC 3501 §6.4.5', section('BODY[*]')],
    ['RFC 3501 §6.4.5', section('BODY[HEADER.FIELDS]')],
    ['RFC 3501 §6.4.5', section('BODY[HEADER.FIELDS ()]')],
    ['RFC 3501 §6.4.5', section('BODY[HEADER.FIELDS ("a\tb")]')],
    ['RFC 3501 §6.4.5', section('BODY[HEADER.FIELDS ({3}\r\na\r\n)]')],
    ['RFC 3501 §6.4.5', section('BODY[]<0.0>')],
    ['RFC 3501 §6.4.5', section('BODY[]<0>')],
    ['RFC 3501 §6.4.5', section('BODY[]<-1.5>')],
    ['RFC 3501 §6.4.5', section('RFC822[]')],
  ]);
});

describe('parseCommand() of STORE, COPY, MOVE and UID EXPUNGE', () => {
  const store = {
    name: 'store',
    numbering: 'sequence',
    set: [one],
    unchangedSince: undefined,
  } as const;
  acceptAll([
    [
      'RFC 3501 §6.4.6',
      'STORE 1 FLAGS ()',
      { ...store, change: 'replace', silent: false, flags: [] },
    ],
    [
      'RFC 3501 §6.4.6',
      'STORE 1 +flags.silent (\\seen $X $x)',
      { ...store, change: 'add', silent: true, flags: ['\\Seen', '$X'] },
    ],
    [
      'RFC 3501 §9 store-att-flags',
      'STORE 1 -FLAGS \\Deleted foo',
      { ...store, change: 'remove', silent: false, flags: ['\\Deleted', 'foo'] },
    ],
    [
      'RFC 3501 §6.4.7',
      'COPY 1 Inbox',
      { name: 'copy', numbering: 'sequence', set: [one], mailbox: 'INBOX' },
    ],
    ['RFC 6851 §4.1', 'UID MOVE 1 a', { name: 'move', numbering: 'uid', set: [one], mailbox: 'a' }],
    ['RFC 4315 §2.1', 'UID EXPUNGE 1', { name: 'expunge', set: [one] }],
  ]);
  rejectAll([
    ['RFC 3501 §6.4.6', 'STORE 1 FLAGS'],
    ['RFC 3501 §6.4.6', 'STORE 1 FLAGS '],
    ['RFC 3501 §6.4.6', 'STORE 1 *FLAGS ()'],
    ['RFC 3501 §6.4.6', 'STORE 1 + FLAGS ()'],
    ['RFC 3501 §6.4.6', 'STORE 1 FLAGS.LOUD ()'],
    ['RFC 3501 §6.4.6', 'STORE 1 FLAGS (\\*)'],
    ['RFC 3501 §6.4.6', 'STORE 1 FLAGS (\\Bogus)'],
    ['RFC 3501 §6.4.6', 'STORE 1 FLAGS ("x")'],
    ['RFC 3501 §6.4.6', 'STORE 0 FLAGS ()'],
    ['RFC 3501 §6.4.7', 'COPY 1'],
    ['RFC 3501 §6.4.7', 'COPY INBOX 1'],
    ['RFC 6851 §4.1', 'MOVE 1,2:x a'],
    ['RFC 6851 §4.1', 'MOVE 1 a b'],
    ['RFC 4315 §2.1', 'UID EXPUNGE'],
    ['RFC 4315 §2.1', 'UID EXPUNGE 1 2'],
    ['RFC 3501 §6.4.8', 'UID SELECT INBOX'],
    ['RFC 3501 §6.4.8', 'UID UID FETCH 1 ALL'],
  ]);
});
