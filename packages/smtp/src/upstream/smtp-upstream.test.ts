import type { UpstreamDialogue, UpstreamStep } from '@homeward/sasl';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSmtpUpstream } from './smtp-upstream.ts';

const TICKET = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
const RESPONSE = Buffer.from(`n,,\x01auth=Bearer ${TICKET}\x01\x01`).toString('base64');
const EXTENSIONS = '250-home\r\n250-PIPELINING\r\n250 AUTH OAUTHBEARER\r\n';

function feed(dialogue: UpstreamDialogue, text: string): readonly UpstreamStep[] {
  return dialogue.receive(Buffer.from(text, 'latin1'));
}

function greeted(): UpstreamDialogue {
  const dialogue = createSmtpUpstream();
  expect(feed(dialogue, '220-home\r\n220 ESMTP ready\r\n')).toEqual([{ kind: 'ready' }]);
  return dialogue;
}

describe('createSmtpUpstream()', () => {
  test('logs in with the ticket, in the client’s own name and in one piece', () => {
    const dialogue = greeted();
    const choices = { language: 'en', isUtf8: false, clientName: 'phone' };
    expect(dialogue.login(TICKET, choices)).toEqual([
      { kind: 'send', octets: `EHLO phone\r\nAUTH OAUTHBEARER ${RESPONSE}\r\n` },
    ]);
    expect(feed(dialogue, `${EXTENSIONS}235 2.7.0 Logged in\r\n250 early\r\n`)).toEqual([
      { kind: 'logged-in', capabilities: undefined, early: Buffer.from('250 early\r\n') },
    ]);
    expect(feed(dialogue, 'more')).toEqual([]);
  });

  test('has a name for who has none', () => {
    expect(greeted().login(TICKET)).toMatchObject([
      { octets: expect.stringMatching(/^EHLO \[127\.0\.0\.1\]\r\n/u) as unknown },
    ]);
  });

  test('answers the error challenge and then reports the refusal (RFC 7628 §3.2.3)', () => {
    const dialogue = greeted();
    dialogue.login(TICKET);
    expect(feed(dialogue, `${EXTENSIONS}334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n`)).toEqual([
      { kind: 'send', octets: 'AQ==\r\n' },
    ]);
    expect(feed(dialogue, '535 5.7.8 Authentication failed\r\n')).toEqual([
      { kind: 'refused', code: '5.7.8', text: 'Authentication failed' },
    ]);
  });

  test.each([
    ['454 4.7.0 Not now\r\n', '4.7.0', 'Not now'],
    ['454-4.7.0 Not\r\n454 4.7.0 now\r\n', '4.7.0', 'now'],
    ['535 no\r\n', '535', 'no'],
    ['421 4.3.2 Restarting\r\n', '4.3.2', 'Restarting'],
    ['550 \x07\xff\r\n', '550', '??'],
  ])('reports %j as a refusal', (answer, code, text) => {
    const dialogue = greeted();
    dialogue.login(TICKET);
    expect(feed(dialogue, EXTENSIONS + answer)).toEqual([{ kind: 'refused', code, text }]);
  });

  test.each(['421 4.3.2 Busy\r\n', '554 no\r\n', '* OK IMAP\r\n', '+OK POP3\r\n', '220 x\n'])(
    'takes %j for no greeting',
    (line) => {
      expect(feed(createSmtpUpstream(), line)).toMatchObject([{ kind: 'broken' }]);
    },
  );

  test('is broken by a line while it waits warm', () => {
    expect(feed(greeted(), '250 hello\r\n')).toEqual([
      { kind: 'broken', text: 'an unexpected line: 250 hello' },
    ]);
    expect(feed(greeted(), '421 4.4.2 Bye\r\n')).toEqual([
      { kind: 'broken', text: 'goodbye: Bye' },
    ]);
  });

  test.each([
    '502 no EHLO\r\n',
    `${EXTENSIONS}250 OK\r\n`,
    `${EXTENSIONS}334 not base64!\r\n`,
    `${EXTENSIONS}235 OK\n`,
    `${EXTENSIONS}235 ${'x'.repeat(5000)}\r\n`,
  ])('is broken by %j instead of an answer', (octets) => {
    const dialogue = greeted();
    dialogue.login(TICKET);
    expect(feed(dialogue, octets)).toMatchObject([{ kind: 'broken' }]);
  });

  test.each(['334 \r\n', '235 2.7.0 OK\r\n'])('is broken by %j instead of a refusal', (line) => {
    const dialogue = greeted();
    dialogue.login(TICKET);
    feed(dialogue, `${EXTENSIONS}334 e30=\r\n`);
    expect(feed(dialogue, line)).toMatchObject([{ kind: 'broken' }]);
  });

  test('holds no more than a line of what never ends', () => {
    const dialogue = createSmtpUpstream();
    const steps = Array.from({ length: 10 }, () => feed(dialogue, 'x'.repeat(1000))).flat();
    expect(steps).toEqual([{ kind: 'broken', text: 'a line is too long' }]);
  });

  test('refuses to log in before the greeting, and twice', () => {
    expect(() => createSmtpUpstream().login(TICKET)).toThrow('before ready');
    const dialogue = greeted();
    dialogue.login(TICKET);
    expect(() => dialogue.login(TICKET)).toThrow('twice');
  });

  test('says the same an octet at a time as at once', () => {
    const line = fc.constantFrom(
      '250-x\r\n',
      '250 x\r\n',
      '235 2.7.0 x\r\n',
      '535 5.7.8 x\r\n',
      '334 e30=\r\n',
      '421 x\r\n',
      'x\r\n',
      '\n',
      '\r',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.join('');
        const whole = greeted();
        whole.login(TICKET);
        const pieces = greeted();
        pieces.login(TICKET);
        const atOnce = feed(whole, text);
        const byOctet = Array.from(text, (octet) => feed(pieces, octet)).flat();
        const withoutEarly = (steps: readonly UpstreamStep[]): unknown[] =>
          steps.map((step) => ({ ...step, early: undefined }));
        expect(withoutEarly(byOctet)).toEqual(withoutEarly(atOnce));
      }),
    );
  });
});
