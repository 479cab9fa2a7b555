/** Logging in at a home: what it says, and what is made of it. */
import type { UpstreamDialogue, UpstreamStep } from '@homeward/sasl';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImapUpstream } from './imap-upstream.ts';

const GREETING = '* OK [CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER SASL-IR] ready\r\n';
const LOGIN = `H2 AUTHENTICATE OAUTHBEARER ${Buffer.from('n,,\x01auth=Bearer tic.ket\x01\x01').toString('base64')}\r\n`;

function open(clientId?: ReadonlyMap<string, string>): UpstreamDialogue {
  return createImapUpstream({ clientId });
}

function receive(dialogue: UpstreamDialogue, text: string): readonly UpstreamStep[] {
  return dialogue.receive(Buffer.from(text, 'latin1'));
}

/** Greets, logs in, and gives what the home's answer leads to. */
function answer(text: string): readonly UpstreamStep[] {
  const dialogue = open();
  expect(receive(dialogue, GREETING)).toEqual([{ kind: 'ready' }]);
  expect(dialogue.login('tic.ket')).toEqual([{ kind: 'send', octets: LOGIN }]);
  return receive(dialogue, text);
}

describe('the greeting', () => {
  it.each(['* OK ready\r\n', GREETING, '* ok\r\n', '* OK \r\n'])('%j is taken', (greeting) => {
    expect(receive(open(), greeting)).toEqual([{ kind: 'ready' }]);
  });

  it.each([
    '* PREAUTH hello\r\n',
    '* BYE too many connections\r\n',
    '* NO\r\n',
    '* 5 EXISTS\r\n',
    'a OK hello\r\n',
    '+OK POP3\r\n',
    '220 smtp\r\n',
    '+ go on\r\n',
    '* OK ready\n',
    '\r\n',
    'x'.repeat(8192),
  ])('%j is not', (greeting) => {
    const dialogue = open();
    expect(receive(dialogue, greeting)).toMatchObject([{ kind: 'broken' }]);
    expect(receive(dialogue, GREETING)).toEqual([]);
  });

  it('waits for its end', () => {
    expect(receive(open(), '* OK read')).toEqual([]);
  });
});

describe('ID', () => {
  const id = new Map([['x-originating-ip', '192.0.2.1']]);
  it.each(['H1 OK done', 'H1 NO not here', 'H1 BAD what'])('is ready after %j', (line) => {
    const dialogue = open(id);
    expect(receive(dialogue, GREETING)).toEqual([
      { kind: 'send', octets: 'H1 ID ("x-originating-ip" "192.0.2.1")\r\n' },
    ]);
    expect(receive(dialogue, `* ID ("name" "x")\r\n${line}\r\n`)).toEqual([{ kind: 'ready' }]);
  });
});

describe('the login', () => {
  it.each<[claim: string, text: string, step: object]>([
    [
      'takes the capabilities of the code',
      'H2 OK [CAPABILITY IMAP4rev1 IDLE] welcome\r\n* early',
      { kind: 'logged-in', capabilities: 'IMAP4rev1 IDLE', early: Buffer.from('* early') },
    ],
    [
      'takes untagged capabilities',
      '* CAPABILITY IMAP4rev1 MOVE\r\nH2 OK welcome\r\n',
      { kind: 'logged-in', capabilities: 'IMAP4rev1 MOVE', early: Buffer.alloc(0) },
    ],
    [
      'prefers the code',
      '* CAPABILITY IMAP4rev1 MOVE\r\nH2 ok [capability IMAP4rev1] welcome\r\n',
      { kind: 'logged-in', capabilities: 'IMAP4rev1', early: Buffer.alloc(0) },
    ],
    [
      'does not make capabilities up',
      'H2 OK\r\n',
      { kind: 'logged-in', capabilities: undefined, early: Buffer.alloc(0) },
    ],
    [
      'puts up with untagged noise',
      '* OK [ALERT] x\r\n* NO y\r\n* BAD z\r\n* ID NIL\r\nH2 OK [X y] w\r\n',
      { kind: 'logged-in', capabilities: undefined },
    ],
    [
      'tells of a refusal and its code',
      'H2 NO [unavailable] shard moved\x07\r\n',
      { kind: 'refused', code: 'UNAVAILABLE', text: 'shard moved?' },
    ],
    ['tells of a refusal without one', 'H2 BAD what?\r\n', { kind: 'refused', code: undefined }],
    ['gives up on a goodbye', '* BYE [X] y\r\n', { kind: 'broken', text: 'goodbye: y' }],
    ['gives up on the answer to another command', 'H9 OK\r\n', { kind: 'broken' }],
    ['gives up on an answer that came before', 'H1 OK\r\n', { kind: 'broken' }],
    ['gives up on PREAUTH', '* PREAUTH x\r\n', { kind: 'broken' }],
    ['gives up on garbage', 'HTTP/1.1 400\r\n', { kind: 'broken' }],
    ['gives up on a bare LF', 'H2 OK\n', { kind: 'broken' }],
    ['gives up on an endless line', `* ${'x'.repeat(9000)}`, { kind: 'broken' }],
    ['gives up on endless noise', '* OK x\r\n'.repeat(101), { kind: 'broken' }],
  ])('%s', (_claim, text, step) => {
    expect(answer(text)).toMatchObject([step]);
  });

  it('answers the error challenge, and is then refused (RFC 7628 §3.2.3)', () => {
    const dialogue = open();
    receive(dialogue, GREETING);
    dialogue.login('tic.ket');
    expect(receive(dialogue, '+ eyJzdGF0dXMi\r\n')).toEqual([{ kind: 'send', octets: 'AQ==\r\n' }]);
    expect(receive(dialogue, 'H2 NO [AUTHENTICATIONFAILED] no\r\n')).toEqual([
      { kind: 'refused', code: 'AUTHENTICATIONFAILED', text: 'no' },
    ]);
  });

  it('does not answer challenges for ever', () => {
    expect(answer('+ a\r\n+ b\r\n')).toMatchObject([{ kind: 'send' }, { kind: 'broken' }]);
  });

  it('is not asked for before the greeting, nor twice', () => {
    const dialogue = open();
    expect(() => dialogue.login('x')).toThrow('before ready');
    receive(dialogue, GREETING);
    dialogue.login('x');
    expect(() => dialogue.login('x')).toThrow('twice');
  });

  it('tells of a goodbye while it waits', () => {
    const dialogue = open();
    receive(dialogue, GREETING);
    expect(receive(dialogue, '* BYE idle\r\n')).toEqual([
      { kind: 'broken', text: 'goodbye: idle' },
    ]);
  });

  it('sees the same octet by octet, and never throws', () => {
    const line = fc.oneof(
      fc.constantFrom('* OK x', '* CAPABILITY A B', 'H2 OK [CAPABILITY C] x', '+ ', '* BYE', '* X'),
      fc.string({ unit: fc.constantFrom(...'*+H2 OK[]{}\r\n\0'.split('')), maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.map((each) => `${each}\r\n`).join('');
        const atOnce = answer(text);
        const slow = open();
        receive(slow, GREETING);
        slow.login('tic.ket');
        const steps = text.split('').flatMap((octet) => receive(slow, octet));
        const withoutEarly = (all: readonly UpstreamStep[]) =>
          all.map((step) => ({ ...step, early: undefined }));
        expect(withoutEarly(steps)).toEqual(withoutEarly(atOnce));
      }),
      { numRuns: 300 },
    );
  });
});
