import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModifiedUtf7, encodeModifiedUtf7, parseMailboxName } from './mailbox-name.ts';

describe('parseMailboxName()', () => {
  it.each([
    ['RFC 3501 §5.1', 'inbox', 'INBOX'],
    ['RFC 3501 §5.1', 'iNBoX/Sub', 'INBOX/Sub'],
    ['RFC 3501 §5.1', 'Inboxes', 'Inboxes'],
    ['RFC 3501 §5.1', 'a/inbox', 'a/inbox'],
    ['RFC 3501 §5.1.3', '~peter/mail/&U,BTFw-/&ZeVnLIqe-', '~peter/mail/台北/日本語'],
    ['RFC 3501 §5.1.3', 'A&-B', 'A&B'],
    ['RFC 3501 §5.1.3', 'Entw&APw-rfe', 'Entwürfe'],
    ['RFC 3501 §5.1.3', '&2D3eAA-', '😀'],
    ['lenient', 'A&B', 'A&B'],
    ['lenient', 'A&B-', 'A&B-'],
    ['lenient', '&', '&'],
    // A lone surrogate is no text, so the name is taken literally.
    ['lenient', '&2D0-', '&2D0-'],
    ['lenient', '&AGE-', 'a'],
    ['RFC 6855 §3', 'Entw\xc3\xbcrfe', 'Entwürfe'],
    ['RFC 6855 §3', '\xc3\xbc&-', 'ü&-'],
    ['empty', '', ''],
  ])('%s reads %j as %j', (_section, octets, name) => {
    expect(parseMailboxName(octets)).toBe(name);
  });

  it.each(['\xff', 'a\xc3', 'a\nb', 'a\0', '\x7f', '&AAo-', '\xc2\x00', '&AH8-'])(
    'refuses %j',
    (octets) => {
      expect(parseMailboxName(octets)).toBeUndefined();
    },
  );
});

describe('encodeModifiedUtf7()', () => {
  it.each([
    ['INBOX', 'INBOX'],
    ['A&B', 'A&-B'],
    ['台北&日本語', '&U,BTFw-&-&ZeVnLIqe-'],
    ['a\r\nb', 'a&AA0ACg-b'],
    ['\ud800', '&,,0-'],
  ])('writes %j as %j', (name, text) => {
    expect(encodeModifiedUtf7(name)).toBe(text);
  });

  it('is undone by decoding, and leaves printable ASCII only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const text = encodeModifiedUtf7(name);
        expect(text).toMatch(/^[ -~]*$/);
        expect(decodeModifiedUtf7(text)).toBe(name.toWellFormed());
      }),
    );
  });
});
