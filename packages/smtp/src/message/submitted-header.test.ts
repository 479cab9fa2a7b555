import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeaderSplitter } from './header-splitter.ts';
import { formatReceived } from './received.ts';
import { prepareSubmittedHeader, type SubmissionFacts } from './submitted-header.ts';

const facts: SubmissionFacts = {
  clientName: 'phone',
  clientAddress: '192.0.2.7',
  serverName: 'mail.example.org',
  protocol: 'ESMTPSA',
  id: '7F3A',
  atMs: Date.UTC(2026, 10, 26, 9, 5, 7),
  messageId: '7F3A.1@mail.example.org',
};
const TRACE =
  'Received: from phone ([192.0.2.7])\r\n\tby mail.example.org with ESMTPSA id 7F3A;\r\n' +
  '\tThu, 26 Nov 2026 09:05:07 +0000\r\n';

function prepare(header: string): string {
  const prepared = prepareSubmittedHeader(Buffer.from(header, 'latin1'), facts);
  return prepared.ok ? prepared.octets.toString('latin1') : prepared.problem;
}

describe('prepareSubmittedHeader()', () => {
  test('puts its trace in front and leaves the rest as it is', () => {
    const header =
      'FROM : Anna <anna@example.org>\r\nSubject: =?utf-8?q?=C3=A4?=\r\n folded\r\n' +
      'Date: yesterday\r\nMessage-Id: <1@phone>\r\nX-\xff: \xff\r\n';
    expect(prepare(header)).toBe(`${TRACE}${header}\r\n`);
  });

  test('adds Date and Message-ID where they are missing (RFC 6409 §8)', () => {
    expect(prepare('From: a@b\r\n')).toBe(
      `${TRACE}From: a@b\r\nDate: Thu, 26 Nov 2026 09:05:07 +0000\r\n` +
        'Message-ID: <7F3A.1@mail.example.org>\r\n\r\n',
    );
  });

  test('writes a Message-ID of other letters as they are, never octets that end a line', () => {
    // The low octets of these letters are LF and CR.
    const messageId = '7F3A.1@\u4e0a\u4e0d.example';
    const prepared = prepareSubmittedHeader(Buffer.from('From: a@b\r\nDate: x\r\n'), {
      ...facts,
      messageId,
    });
    expect(prepared.ok && prepared.octets.toString('utf8')).toBe(
      `${TRACE}From: a@b\r\nDate: x\r\nMessage-ID: <${messageId}>\r\n\r\n`,
    );
  });

  test('drops Bcc with all of its lines (RFC 5322 §3.6.3)', () => {
    const octets = prepare(
      'Bcc: secret@b,\r\n\tmore@b\r\nFrom: a@b\r\nDate: x\r\nMessage-ID: <1@b>\r\nRESENT-BCC: c@d\r\n',
    );
    expect(octets).toBe(`${TRACE}From: a@b\r\nDate: x\r\nMessage-ID: <1@b>\r\n\r\n`);
  });

  test.each([
    ['', 'no-from'],
    ['Subject: x\r\n', 'no-from'],
    ['From: a@b\r\nfrom: mallory@b\r\n', 'twice'],
    ['From: a@b\r\nSender: c@d\r\nSender: e@f\r\n', 'twice'],
    [`From: a@b\r\n${'Received: x\r\n'.repeat(100)}`, 'loop'],
  ])('takes no %j', (header, problem) => {
    expect(prepare(header)).toBe(problem);
  });
});

describe('formatReceived()', () => {
  test('lets no client write a field or a comment of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (clientName) => {
        const lines = formatReceived({ ...facts, clientName }).split('\r\n');
        expect(lines).toHaveLength(4);
        expect(lines[0]).toMatch(/^Received: from [ -~]* \(\[192\.0\.2\.7\]\)$/u);
      }),
    );
  });

  test('lets no client open or close a comment', () => {
    const [line] = formatReceived({ ...facts, clientName: 'a(b)"\\(' }).split('\r\n');
    expect(line).toBe('Received: from a?b???? ([192.0.2.7])');
  });

  test('keeps what a client says in its place', () => {
    const clientName = 'x;\r\nBcc: all@example.org\0\u00e4';
    expect(formatReceived({ ...facts, clientName })).toMatch(
      /^Received: from x\?\?\?Bcc: all@example\.org\?\? \(\[192\.0\.2\.7\]\)\r\n\tby /u,
    );
  });

  test('writes addresses as RFC 5321 §4.1.3 has it, or none', () => {
    expect(formatReceived({ ...facts, clientAddress: '2001:db8::1' })).toContain(
      'from phone ([IPv6:2001:db8::1])\r\n',
    );
    expect(formatReceived({ ...facts, clientAddress: undefined })).toContain('from phone\r\n');
  });
});

describe('HeaderSplitter', () => {
  /** @returns What `push` gives in the end, in pieces of so many octets. */
  function split(text: string, step: number): { header: string; body: string } | string {
    const splitter = new HeaderSplitter(1000);
    const octets = Buffer.from(text, 'latin1');
    for (let at = 0; at < octets.length; at += step) {
      const piece = splitter.push(octets.subarray(at, at + step));
      if (piece.kind === 'too-long') return piece.kind;
      if (piece.kind === 'header') {
        const rest = octets.subarray(at + step);
        const body = Buffer.concat([piece.body, rest]).toString('latin1');
        return { header: piece.header.toString('latin1'), body };
      }
    }
    const { header, body } = splitter.finish();
    return { header: header.toString('latin1'), body: body.toString('latin1') };
  }

  test.each([
    ['A: b\r\n\r\nbody\r\n', { header: 'A: b\r\n', body: 'body\r\n' }],
    ['A: b\r\n\tc\r\nD:e\r\n\r\n\r\n', { header: 'A: b\r\n\tc\r\nD:e\r\n', body: '\r\n' }],
    ['A: b\r\n', { header: 'A: b\r\n', body: '' }],
    ['\r\nbody\r\n', { header: '', body: 'body\r\n' }],
    // No header line: the body has begun, and none of its lines is lost.
    ['Hello Ben,\r\nFrom: x\r\n', { header: '', body: 'Hello Ben,\r\nFrom: x\r\n' }],
    ['A: b\r\nHello\r\nC: d\r\n', { header: 'A: b\r\n', body: 'Hello\r\nC: d\r\n' }],
    [' A: b\r\n', { header: '', body: ' A: b\r\n' }],
    [`A: ${'x'.repeat(2000)}`, 'too-long'],
    ['A: b\r\n'.repeat(200), 'too-long'],
    [`A: ${'x'.repeat(2000)}\r\n\r\nbody\r\n`, 'too-long'],
  ])('cuts %j, whatever its pieces are', (text, expected) => {
    for (const step of [1, 2, 3, 7, 5000]) expect(split(text, step)).toEqual(expected);
  });

  test('holds little more than the octets of a header of very many lines', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const octets = Buffer.from('a:\r\n'.repeat(60_000));
    collect();
    const before = process.memoryUsage().heapUsed;
    const splitters = Array.from({ length: 10 }, () => {
      const splitter = new HeaderSplitter(octets.length + 2);
      splitter.push(octets);
      return splitter;
    });
    collect();
    const heldBytes = process.memoryUsage().heapUsed - before;
    expect(splitters[9]?.finish().header.equals(octets)).toBe(true);
    // An object for each line had 80 MB.
    expect(heldBytes).toBeLessThan(10 * octets.length);
  });
});
