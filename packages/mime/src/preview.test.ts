import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanMessage } from './message-scanner.ts';
import { createHtmlTextReader } from './html-text.ts';
import { createPreviewCollector, listPreviewParts, previewPart } from './preview.ts';

function seenOf(html: string, cut = html.length): string {
  const reader = createHtmlTextReader();
  const seen = reader.push(html.slice(0, cut)) + reader.push(html.slice(cut)) + reader.finish();
  return seen.replaceAll(/\s+/g, ' ').trim();
}

function previewOf(message: string | Uint8Array, pieceBytes = 1000): string | undefined {
  const octets = Buffer.from(message);
  const collector = createPreviewCollector();
  for (let at = 0; at < octets.length; at += pieceBytes) {
    collector.push(octets.subarray(at, at + pieceBytes));
  }
  return collector.finish(scanMessage(octets).root);
}

function mail(type: string, body: string, encoding = '8bit'): string {
  const header = [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`];
  return `${header.join('\r\n')}\r\n\r\n${body}`;
}

describe('createHtmlTextReader()', () => {
  it.each([
    ['tags', '<p>Hello, <b>W</b>orld</p><p>Again</p>', 'Hello, World Again'],
    ['blocks that part words', 'one<br>two<td>three', 'one two three'],
    [
      'styles, scripts and titles',
      '<title>T</title><style>a<b{}</style>x<script>1<2</script>',
      'x',
    ],
    ['comments with tags in them', 'a<!-- <p>no > -- </p> -->b', 'ab'],
    ['declarations', '<!DOCTYPE html><?xml ?>a<![endif]>b', 'ab'],
    ['quoted values with ">" in them', '<a title="x > y" href=\'>\'>z</a>', 'z'],
    ['a quote that begins no value', '<p class=a"b>c', 'c'],
    ['references', 'a&amp;b &#65;&#x42; &eacute;&nbsp;&hellip;', 'a&b AB é …'],
    [
      'what is no reference',
      'a & b &bogus; &#0; &#xd800; AT&T',
      'a & b &bogus; \ufffd \ufffd AT&T',
    ],
    ['what is no tag', '1 < 2 <3', '1 < 2 <3'],
    ['a tag that never ends', 'a<b', 'a'],
    ['a style that never ends', 'a<style>b</styles>c', 'a'],
    ['a reference that never ends', 'a&am', 'a&am'],
  ])('reads %s', (_what, html, seen) => {
    expect(seenOf(html)).toBe(seen);
  });

  it('reads the same however it is cut', () => {
    const token = fc.constantFrom(
      '<',
      '>',
      '&',
      ';',
      '!--',
      '-->',
      '"',
      '=',
      'a',
      'style',
      '/',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.array(token).map((all) => all.join('')),
        fc.nat(200),
        (html, cut) => {
          expect(seenOf(html, Math.min(cut, html.length))).toBe(seenOf(html));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes time linear to what it is given', () => {
    for (const piece of ['<', '&', '<a ', '<!--', '<style>', '="', '&a']) {
      expect(seenOf(piece.repeat(200_000 / piece.length)).length).toBeLessThan(400_001);
    }
  });
});

describe('createPreviewCollector()', () => {
  it.each([
    [
      'plain text, blanks made one',
      mail('text/plain', ' Hello\r\n\r\n\tworld \r\n'),
      'Hello world',
    ],
    [
      'text in its charset',
      mail('text/plain; charset=iso-8859-1', 'H=E9', 'quoted-printable'),
      'Hé',
    ],
    ['base64', mail('text/plain', 'SGVsbG8=', 'base64'), 'Hello'],
    ['HTML', mail('text/html', '<p>Hello</p><p>world</p>'), 'Hello world'],
    ['no quotation', mail('text/plain', '> You said\r\n>> so\r\nYes\r\n'), 'Yes'],
    ['no signature', mail('text/plain', 'Yes\r\n-- \r\nAnna'), 'Yes'],
    ['no padding', mail('text/html', 'Sale&zwnj; &nbsp;&zwnj; &#847; &shy;now'), 'Sale\u200c now'],
    ['a joiner within a word', mail('text/plain; charset=utf-8', 'x👩\u200d🌾'), 'x👩\u200d🌾'],
    ['nothing of an image', mail('image/png', 'AAAA', 'base64'), ''],
    [
      'nothing of an attachment',
      `Content-Disposition: attachment\r\n${mail('text/plain', 'x')}`,
      '',
    ],
    ['nothing of an empty message', '', ''],
  ])('gives %s', (_what, message, text) => {
    expect(previewOf(message)).toBe(text);
    expect(previewOf(message, 1)).toBe(text);
  });

  const multipart = (subtype: string, ...parts: readonly string[]): string =>
    `Content-Type: multipart/${subtype}; boundary=b\r\n\r\n${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`;

  it.each([
    [
      'the plain one of alternatives',
      multipart('alternative', mail('text/html', 'H'), mail('text/plain', 'P')),
      'P',
    ],
    [
      'the other where that is empty',
      multipart('alternative', mail('text/plain', ' \r\n'), mail('text/html', 'H')),
      'H',
    ],
    [
      'the first text of several',
      multipart('mixed', mail('image/png', 'A'), mail('text/html', 'H')),
      'H',
    ],
    ['nothing of what is encrypted', multipart('encrypted', mail('text/plain', 'P')), ''],
    [
      'nothing of a message inside',
      multipart('mixed', mail('message/rfc822', mail('text/plain', 'P'))),
      '',
    ],
  ])('takes %s', (_what, message, text) => {
    expect(previewOf(message)).toBe(text);
  });

  it('ends after 200 characters, whole ones', () => {
    expect(previewOf(mail('text/plain; charset=utf-8', '👍'.repeat(300)))).toBe('👍'.repeat(200));
    expect(previewOf(mail('text/plain', 'word '.repeat(500)))).toHaveLength(199);
  });

  it('leaves to others what lies beyond the head of a message', () => {
    const style = `<style>${'a{} '.repeat(20_000)}</style>`;
    expect(previewOf(mail('text/html', `${style}Hello`))).toBeUndefined();
    const image = mail('image/png', 'A'.repeat(100_000));
    const late = multipart('mixed', image, mail('text/plain', 'Hello'));
    expect(previewOf(late)).toBeUndefined();
    const [part] = listPreviewParts(scanMessage(Buffer.from(late)).root);
    const body = Buffer.from(late).subarray(part?.bodyStart, part?.bodyEnd);
    expect(part && previewPart(part, body)).toEqual({ text: 'Hello', isFinal: true });
  });

  it('says the same of a message whether it passes by or is read', () => {
    const words = fc.array(
      fc.constantFrom('Hello', ' ', '\r\n', '> q', '<p>', '&amp;', 'é', '-- '),
      {
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(words, fc.constantFrom('plain', 'html'), (all, subtype) => {
        const octets = Buffer.from(mail(`text/${subtype}; charset=utf-8`, all.join('')));
        const [part] = listPreviewParts(scanMessage(octets).root);
        const read = part && previewPart(part, octets.subarray(part.bodyStart, part.bodyEnd));
        const passed = previewOf(octets, 7);
        if (passed !== undefined) expect(read?.text).toBe(passed);
        expect([...(passed ?? '')].length).toBeLessThanOrEqual(200);
        expect(passed ?? '').not.toMatch(/[\r\n]/);
      }),
    );
  });
});
