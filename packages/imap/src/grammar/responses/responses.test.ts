/** Everything that a server says about values, and that none of it can end a line early. */
import type { Envelope, MimePart } from '@homeward/mime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentDecoder } from '../argument-decoder.ts';
import { formatBodyStructure } from './body-structure.ts';
import { formatEnvelope } from './envelope.ts';
import { formatFlagList } from './flags.ts';
import { formatMailbox } from './mailbox.ts';
import { formatResponseCode } from './response-code.ts';
import type { ResponseCode } from './response-code.ts';
import { formatContinuation, formatStatus } from './status-response.ts';
import { formatAstring, formatNString, formatString } from './strings.ts';

const NO_ENVELOPE: Envelope = {
  date: undefined,
  subject: undefined,
  from: [],
  sender: [],
  replyTo: [],
  to: [],
  cc: [],
  bcc: [],
  inReplyTo: undefined,
  messageId: undefined,
};
const TEXT: MimePart = {
  type: 'TEXT',
  subtype: 'PLAIN',
  parameters: [],
  id: undefined,
  description: undefined,
  encoding: '7BIT',
  md5: undefined,
  disposition: undefined,
  languages: [],
  location: undefined,
  headerStart: 0,
  bodyStart: 10,
  bodyEnd: 30,
  bodyLines: 2,
  parts: [],
  message: undefined,
};

/** Responses without their literals' octets: what a client reads line by line. */
function withoutLiterals(text: string): string {
  let rest = text;
  let seen = '';
  for (;;) {
    const marker = /\{(\d+)\}\r\n/.exec(rest);
    if (marker === null) return seen + rest;
    seen += rest.slice(0, marker.index);
    rest = rest.slice(marker.index + marker[0].length + Number(marker[1]));
  }
}

describe('formatString()', () => {
  it.each([
    ['', '""'],
    ['a b', '"a b"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['a\r\nb', '{4}\r\na\r\nb'],
    ['\xe9', '{1}\r\n\xe9'],
    ['a\0b', '{3}\r\na?b'],
    ['\t', '{1}\r\n\t'],
    // U+010D would be sent as CR.
    ['\u010d\u010a', '{2}\r\n??'],
    ['x'.repeat(1001), `{1001}\r\n${'x'.repeat(1001)}`],
  ])('writes %j as %j', (octets, text) => {
    expect(formatString(octets)).toBe(text);
  });

  it('is undone by reading, and shows no line end outside of literals', () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 1 }), (octets) => {
        const value = Buffer.from(octets).toString('latin1');
        const text = formatString(value);
        expect(new ArgumentDecoder(text, false).string()).toBe(value);
        expect(withoutLiterals(text)).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe('formatNString(), formatAstring() and formatMailbox()', () => {
  it('tell NIL from "NIL"', () => {
    expect(formatNString(undefined)).toBe('NIL');
    expect(formatNString('NIL')).toBe('"NIL"');
    expect(formatAstring('nil')).toBe('"nil"');
    expect(formatMailbox('NIL')).toBe('"NIL"');
  });

  it.each([
    ['INBOX', 'INBOX'],
    ['Sent Items', '"Sent Items"'],
    ['Entwürfe', 'Entw&APw-rfe'],
    ['', '""'],
    ['a"b', '"a\\"b"'],
    ['a\r\nb', 'a&AA0ACg-b'],
    ['50%', '"50%"'],
  ])('formatMailbox() writes %j as %j', (name, text) => {
    expect(formatMailbox(name)).toBe(text);
  });
});

describe('formatFlagList()', () => {
  it('leaves out what is no flag', () => {
    const flags = ['\\Seen', '$Forwarded', '\\*', 'a b', 'x\r\n', '', '\\', 'NonJunk', 'é'];
    expect(formatFlagList(flags)).toBe('(\\Seen $Forwarded \\* NonJunk)');
    expect(formatFlagList([])).toBe('()');
  });
});

describe('formatEnvelope()', () => {
  it('writes NIL for what is missing (RFC 3501 §7.4.2)', () => {
    expect(formatEnvelope(NO_ENVELOPE)).toBe('(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)');
  });

  it('writes the example of RFC 3501 §8', () => {
    const terry = {
      name: 'Terry Gray',
      route: undefined,
      mailbox: 'gray',
      host: 'cac.washington.edu',
    };
    const envelope: Envelope = {
      date: 'Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
      subject: 'IMAP4rev1 WG mtg summary and minutes',
      from: [terry],
      sender: [terry],
      replyTo: [terry],
      to: [{ name: undefined, route: undefined, mailbox: 'imap', host: 'cac.washington.edu' }],
      cc: [
        { name: undefined, route: undefined, mailbox: 'minutes', host: 'CNRI.Reston.VA.US' },
        { name: 'John Klensin', route: undefined, mailbox: 'KLENSIN', host: 'MIT.EDU' },
      ],
      bcc: [],
      inReplyTo: undefined,
      messageId: '<B27397-0100000@cac.washington.edu>',
    };
    const gray = '(("Terry Gray" NIL "gray" "cac.washington.edu"))';
    expect(formatEnvelope(envelope)).toBe(
      '("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" ' +
        `${gray} ${gray} ${gray} ((NIL NIL "imap" "cac.washington.edu")) ` +
        '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) ' +
        'NIL NIL "<B27397-0100000@cac.washington.edu>")',
    );
  });

  it('writes a group by its start and its end, and 8-bit octets as literals', () => {
    const nothing = { name: undefined, route: undefined, mailbox: undefined, host: undefined };
    const envelope = {
      ...NO_ENVELOPE,
      subject: '=?utf-8?q?=C3=BC?= \xfc',
      to: [{ ...nothing, mailbox: 'friends' }, nothing],
    };
    expect(formatEnvelope(envelope)).toBe(
      '(NIL {20}\r\n=?utf-8?q?=C3=BC?= \xfc NIL NIL NIL ' +
        '((NIL NIL "friends" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL)',
    );
  });
});

describe('formatBodyStructure()', () => {
  const body = (part: Partial<MimePart>) =>
    formatBodyStructure({ ...TEXT, ...part }, { extended: false });
  const bodyStructure = (part: Partial<MimePart>) =>
    formatBodyStructure({ ...TEXT, ...part }, { extended: true });

  it.each<[claim: string, part: Partial<MimePart>, basic: string, extension: string]>([
    ['text', {}, '"TEXT" "PLAIN" NIL NIL NIL "7BIT" 20 2', ' NIL NIL NIL NIL'],
    [
      'everything that a part may say',
      {
        type: 'text',
        subtype: 'html',
        parameters: [
          ['charset', 'utf-8'],
          ['format', 'flowed'],
        ],
        id: '<1@x>',
        description: 'a "page"',
        encoding: 'quoted-printable',
        md5: 'Q2hlY2s=',
        disposition: { type: 'attachment', parameters: [['filename', 'a.html']] },
        languages: ['de', 'en'],
        location: 'http://x/',
      },
      '"text" "html" ("charset" "utf-8" "format" "flowed") "<1@x>" "a \\"page\\"" ' +
        '"quoted-printable" 20 2',
      ' "Q2hlY2s=" ("attachment" ("filename" "a.html")) ("de" "en") "http://x/"',
    ],
    [
      'a basic part, without lines',
      { type: 'APPLICATION', subtype: 'PDF', disposition: { type: 'inline', parameters: [] } },
      '"APPLICATION" "PDF" NIL NIL NIL "7BIT" 20',
      ' NIL ("inline" NIL) NIL NIL',
    ],
    [
      'a part without an encoding',
      { type: 'IMAGE', subtype: 'GIF', encoding: '' },
      '"IMAGE" "GIF" NIL NIL NIL "7BIT" 20',
      ' NIL NIL NIL NIL',
    ],
    [
      'a message/rfc822 part whose message could not be read',
      { type: 'message', subtype: 'rfc822' },
      '"message" "rfc822" NIL NIL NIL "7BIT" 20 ' +
        '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0) 2',
      ' NIL NIL NIL NIL',
    ],
    [
      'another type of message as a basic part',
      { type: 'MESSAGE', subtype: 'DELIVERY-STATUS' },
      '"MESSAGE" "DELIVERY-STATUS" NIL NIL NIL "7BIT" 20',
      ' NIL NIL NIL NIL',
    ],
    [
      'a multipart without parts',
      { type: 'MULTIPART', subtype: 'MIXED', parameters: [['boundary', 'x']] },
      '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0) "MIXED"',
      ' ("boundary" "x") NIL NIL NIL',
    ],
  ])('writes %s', (_claim, part, basic, extension) => {
    expect(body(part)).toBe(`(${basic})`);
    expect(bodyStructure(part)).toBe(`(${basic}${extension})`);
  });

  it('writes parts within parts, and a message within a message', () => {
    const inner = { ...TEXT, type: 'MULTIPART', subtype: 'ALTERNATIVE', parts: [TEXT, TEXT] };
    const message = {
      ...TEXT,
      type: 'MESSAGE',
      subtype: 'RFC822',
      message: { envelope: { ...NO_ENVELOPE, subject: 'in' }, root: inner },
    };
    const text = '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 20 2)';
    expect(body({ type: 'MULTIPART', subtype: 'MIXED', parts: [TEXT, message] })).toBe(
      `(${text}("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 20 ` +
        `(NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) (${text}${text} "ALTERNATIVE") 2) "MIXED")`,
    );
  });

  it('shows no line end outside of literals, whatever the message says', () => {
    const wild = fc
      .uint8Array({ maxLength: 12 })
      .map((value) => Buffer.from(value).toString('latin1'));
    fc.assert(
      fc.property(wild, wild, wild, (one, two, three) => {
        const text = bodyStructure({
          type: one,
          subtype: two,
          encoding: three,
          id: one,
          description: two,
          md5: three,
          location: one,
          languages: [two],
          parameters: [[one, three]],
          disposition: { type: two, parameters: [[three, one]] },
        });
        expect(withoutLiterals(text)).not.toMatch(/[\r\n\0]/);
      }),
    );
  });
});

describe('formatResponseCode()', () => {
  it.each<[section: string, code: ResponseCode, text: string]>([
    ['RFC 3501 §7.1', { code: 'ALERT' }, '[ALERT]'],
    ['RFC 3501 §7.1', { code: 'UIDVALIDITY', number: 42 }, '[UIDVALIDITY 42]'],
    [
      'RFC 3501 §7.1',
      { code: 'PERMANENTFLAGS', flags: ['\\Seen', '\\*'] },
      '[PERMANENTFLAGS (\\Seen \\*)]',
    ],
    [
      'RFC 3501 §7.1',
      { code: 'BADCHARSET', charsets: ['US-ASCII', 'UTF-8'] },
      '[BADCHARSET (US-ASCII UTF-8)]',
    ],
    [
      'RFC 3501 §7.1',
      { code: 'CAPABILITY', capabilities: 'IMAP4rev1 I]D\r\n* BAD' },
      '[CAPABILITY IMAP4rev1 ID* BAD]',
    ],
    ['RFC 4315 §3', { code: 'APPENDUID', uidValidity: 7, uids: [9] }, '[APPENDUID 7 9]'],
    [
      'RFC 4315 §3',
      { code: 'COPYUID', uidValidity: 7, sourceUids: [1, 2, 5], newUids: [8, 9, 10] },
      '[COPYUID 7 1:2,5 8:10]',
    ],
    ['RFC 8474 §4.1', { code: 'MAILBOXID', mailboxId: 'F1' }, '[MAILBOXID (F1)]'],
  ])('%s writes %j', (_section, code, text) => {
    expect(formatResponseCode(code)).toBe(text);
  });
});

describe('formatStatus() and formatContinuation()', () => {
  it.each([
    [formatStatus('a', 'OK', undefined, 'Done'), 'a OK Done\r\n'],
    [formatStatus('*', 'BYE', { code: 'UNAVAILABLE' }, 'x'), '* BYE [UNAVAILABLE] x\r\n'],
    [formatStatus('a', 'NO', undefined, 'x\r\nb OK y'), 'a NO x b OK y\r\n'],
    [formatStatus('a', 'NO', undefined, '[ALERT] x'), 'a NO (ALERT] x\r\n'],
    [formatStatus('a', 'NO', undefined, ''), 'a NO Done\r\n'],
    [formatContinuation('go\n'), '+ go \r\n'],
  ])('write %j', (written, text) => {
    expect(written).toBe(text);
  });
});
