import type { UpstreamDialogue, UpstreamStep } from '@homeward/sasl';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPop3Upstream } from './pop3-upstream.ts';

const TICKET = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
const RESPONSE = Buffer.from(`n,,\x01auth=Bearer ${TICKET}\x01\x01`).toString('base64');

function feed(dialogue: UpstreamDialogue, text: string): readonly UpstreamStep[] {
  return dialogue.receive(Buffer.from(text, 'latin1'));
}

function greeted(commandBytes?: number): UpstreamDialogue {
  const dialogue = createPop3Upstream(commandBytes === undefined ? {} : { commandBytes });
  expect(feed(dialogue, '+OK ready\r\n')).toEqual([{ kind: 'ready' }]);
  return dialogue;
}

describe('createPop3Upstream()', () => {
  test('logs in with the ticket as initial response', () => {
    const dialogue = greeted();
    const octets = `AUTH OAUTHBEARER ${RESPONSE}\r\n`;
    expect(dialogue.login(TICKET)).toEqual([{ kind: 'send', octets }]);
    expect(feed(dialogue, '+OK Logged in\r\n+OK early\r\n')).toEqual([
      { kind: 'logged-in', capabilities: undefined, early: Buffer.from('+OK early\r\n') },
    ]);
    expect(feed(dialogue, 'more')).toEqual([]);
  });

  test('repeats what the client chose, in one piece with the ticket', () => {
    const dialogue = greeted();
    const octets = `LANG de\r\nAUTH OAUTHBEARER ${RESPONSE}\r\n`;
    expect(dialogue.login(TICKET, { language: 'de', isUtf8: false })).toEqual([
      { kind: 'send', octets },
    ]);
    expect(feed(dialogue, '+OK de Texte\r\n')).toEqual([]);
    expect(feed(dialogue, '+OK\r\n')).toMatchObject([{ kind: 'logged-in' }]);
  });

  test('repeats UTF8 and LANG in this order', () => {
    const dialogue = greeted();
    const octets = `UTF8\r\nLANG es\r\nAUTH OAUTHBEARER ${RESPONSE}\r\n`;
    expect(dialogue.login(TICKET, { language: 'es', isUtf8: true })).toEqual([
      { kind: 'send', octets },
    ]);
    expect(feed(dialogue, '+OK on\r\n+OK es\r\n-ERR [IN-USE] no\r\n')).toEqual([
      { kind: 'refused', code: 'IN-USE', text: 'no' },
    ]);
  });

  test('says nothing of English, which a session begins with', () => {
    expect(greeted().login(TICKET, { language: 'en', isUtf8: false })).toEqual(
      greeted().login(TICKET),
    );
  });

  test('logs in at a home that does not know the choice', () => {
    const dialogue = greeted();
    dialogue.login(TICKET, { language: 'de', isUtf8: false });
    expect(feed(dialogue, '-ERR Unknown command\r\n+OK\r\n')).toMatchObject([
      { kind: 'logged-in' },
    ]);
  });

  test('takes no challenge for the answer to a choice', () => {
    const dialogue = greeted();
    dialogue.login(TICKET, { language: 'de', isUtf8: false });
    expect(feed(dialogue, '+ AAAA\r\n')).toMatchObject([{ kind: 'broken' }]);
  });

  test('waits for "+" behind a choice, where the home takes no long commands', () => {
    const dialogue = greeted(100);
    expect(dialogue.login(TICKET, { language: 'fr', isUtf8: false })).toEqual([
      { kind: 'send', octets: 'LANG fr\r\nAUTH OAUTHBEARER\r\n' },
    ]);
    expect(feed(dialogue, '+OK fr\r\n+ \r\n')).toEqual([
      { kind: 'send', octets: `${RESPONSE}\r\n` },
    ]);
  });

  test('waits for "+" where the home takes no long commands', () => {
    const dialogue = greeted(100);
    expect(dialogue.login(TICKET)).toEqual([{ kind: 'send', octets: 'AUTH OAUTHBEARER\r\n' }]);
    expect(feed(dialogue, '+ \r\n')).toEqual([{ kind: 'send', octets: `${RESPONSE}\r\n` }]);
    expect(feed(dialogue, '+OK\r\n')).toMatchObject([{ kind: 'logged-in' }]);
  });

  test('answers the error challenge and then reports the refusal (RFC 7628 §3.2.3)', () => {
    const dialogue = greeted();
    dialogue.login(TICKET);
    expect(feed(dialogue, '+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n')).toEqual([
      { kind: 'send', octets: 'AQ==\r\n' },
    ]);
    expect(feed(dialogue, '-ERR [AUTH] Authentication failed\r\n')).toEqual([
      { kind: 'refused', code: 'AUTH', text: 'Authentication failed' },
    ]);
  });

  test.each([
    ['-ERR [SYS/TEMP] Not now\r\n', 'SYS/TEMP', 'Not now'],
    ['-ERR no\r\n', undefined, 'no'],
    ['-ERR \x07\xff\r\n', undefined, '??'],
  ])('reports %j as a refusal', (line, code, text) => {
    const dialogue = greeted();
    dialogue.login(TICKET);
    expect(feed(dialogue, line)).toEqual([{ kind: 'refused', code, text }]);
  });

  test('reports a refusal of the mechanism', () => {
    const dialogue = greeted(50);
    dialogue.login(TICKET);
    expect(feed(dialogue, '-ERR Unknown mechanism\r\n')).toMatchObject([{ kind: 'refused' }]);
  });

  test.each(['-ERR [SYS/TEMP] Too many\r\n', '* OK IMAP\r\n', '220 SMTP\r\n', '+OK x\n', '+ \r\n'])(
    'takes %j for no greeting',
    (line) => {
      expect(feed(createPop3Upstream(), line)).toMatchObject([{ kind: 'broken' }]);
    },
  );

  test('is broken by a line while it waits warm', () => {
    expect(feed(greeted(), '-ERR Bye\r\n')).toEqual([
      { kind: 'broken', text: 'an unexpected line: -ERR Bye' },
    ]);
  });

  test.each(['+ not base64!\r\n', '* OK\r\n', '+OK\n', `+OK ${'x'.repeat(5000)}\r\n`])(
    'is broken by %j instead of an answer',
    (line) => {
      const dialogue = greeted();
      dialogue.login(TICKET);
      expect(feed(dialogue, line)).toMatchObject([{ kind: 'broken' }]);
    },
  );

  test.each(['+ \r\n', '+OK\r\n'])('is broken by %j instead of a refusal', (line) => {
    const dialogue = greeted();
    dialogue.login(TICKET);
    feed(dialogue, '+ e30=\r\n');
    expect(feed(dialogue, line)).toMatchObject([{ kind: 'broken' }]);
  });

  test('is broken by +OK where the ticket was not shown yet', () => {
    const dialogue = greeted(50);
    dialogue.login(TICKET);
    expect(feed(dialogue, '+OK\r\n')).toMatchObject([{ kind: 'broken' }]);
  });

  test('holds no more than a line of what never ends', () => {
    const dialogue = createPop3Upstream();
    const steps = Array.from({ length: 10 }, () => feed(dialogue, 'x'.repeat(1000))).flat();
    expect(steps).toEqual([{ kind: 'broken', text: 'a line is too long' }]);
  });

  test('refuses to log in before the greeting, and twice', () => {
    expect(() => createPop3Upstream().login(TICKET)).toThrow('before ready');
    const dialogue = greeted();
    dialogue.login(TICKET);
    expect(() => dialogue.login(TICKET)).toThrow('twice');
  });

  test('says the same an octet at a time as at once', () => {
    const line = fc.constantFrom(
      '+OK\r\n',
      '-ERR [AUTH] x\r\n',
      '+ e30=\r\n',
      'x\r\n',
      '\n',
      '\r',
      '+',
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
