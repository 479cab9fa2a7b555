/** Logging in at a POP3 server that is not ours: what it says, and what is made of it. */
import type { ForeignDialogue, ForeignSecret, ForeignStep } from '@homeward/sasl';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createForeignPop3 } from './foreign-pop3.ts';

const CLIENT = {
  address: '192.0.2.7',
  port: 40_000,
  connectedAddress: '192.0.2.1',
  connectedPort: 995,
  sessionId: 'sid1',
  hopsLeft: 4,
};

function receive(dialogue: ForeignDialogue, text: string): readonly ForeignStep[] {
  return dialogue.receive(Buffer.from(text, 'latin1'));
}

function sent(steps: readonly ForeignStep[]): string {
  return steps
    .map((step) =>
      step.kind === 'send'
        ? step.octets
        : step.kind === 'send-secret'
          ? Buffer.from(step.octets).toString('latin1')
          : `<${step.kind}>`,
    )
    .join('');
}

function ready(offers: readonly string[], greeting = '+OK hi'): ForeignDialogue {
  const dialogue = createForeignPop3({ startsTls: false });
  expect(sent(receive(dialogue, `${greeting}\r\n`))).toBe('CAPA\r\n');
  const list = offers.map((offer) => `${offer}\r\n`).join('');
  expect(receive(dialogue, `+OK\r\n${list}.\r\n`)).toEqual([{ kind: 'ready' }]);
  return dialogue;
}

function password(text = 'pa ss', authzid?: string): ForeignSecret {
  return { kind: 'password', authzid, loginName: 'anna', password: Buffer.from(text) };
}

const PLAIN = Buffer.from('\0anna\0pa ss').toString('base64');

it.each([
  [['SASL PLAIN'], '+ \r\n'],
  [['USER'], '+OK\r\n'],
])('end() forgets a secret that was not said (%j)', (offers, invitation) => {
  const dialogue = ready(offers);
  dialogue.login({ secret: password(), client: undefined });
  dialogue.end();
  expect(receive(dialogue, invitation)).toEqual([]);
});

describe('before login', () => {
  it('upgrades first', () => {
    const dialogue = createForeignPop3({ startsTls: true });
    expect(sent(receive(dialogue, '+OK hi\r\n'))).toBe('STLS\r\n');
    expect(receive(dialogue, '+OK go\r\n')).toEqual([{ kind: 'start-tls' }]);
    expect(sent(dialogue.tlsStarted())).toBe('CAPA\r\n');
  });

  it.each(['-ERR unknown command\r\n', '+OK go\r\n+OK injected\r\n', '+ \r\n'])(
    'without TLS nothing is sent any more: %j',
    (answer) => {
      const dialogue = createForeignPop3({ startsTls: true });
      receive(dialogue, '+OK hi\r\n');
      expect(receive(dialogue, answer)).toMatchObject([{ kind: 'no-tls' }]);
      expect(receive(dialogue, '+OK hi\r\n')).toEqual([]);
    },
  );

  it('takes a server without CAPA for one that knows USER', () => {
    const dialogue = createForeignPop3({ startsTls: false });
    receive(dialogue, '+OK hi\r\n');
    expect(receive(dialogue, '-ERR what\r\n')).toEqual([{ kind: 'ready' }]);
    expect(sent(dialogue.login({ secret: password(), client: undefined }))).toBe('USER anna\r\n');
  });

  it.each(['-ERR full\r\n', '* OK IMAP\r\n', '+OK hi\n', 'x'.repeat(4096)])(
    '%j is no greeting',
    (greeting) => {
      const dialogue = createForeignPop3({ startsTls: false });
      expect(receive(dialogue, greeting)).toMatchObject([{ kind: 'broken' }]);
    },
  );

  it('gives up a list that does not end', () => {
    const dialogue = createForeignPop3({ startsTls: false });
    receive(dialogue, '+OK hi\r\n');
    expect(receive(dialogue, `+OK\r\n${'X\r\n'.repeat(201)}`)).toMatchObject([{ kind: 'broken' }]);
  });
});

describe('login() says', () => {
  it.each([
    ['the greeting', ['SASL PLAIN'], '+OK [XCLIENT] Dovecot ready.'],
    ['CAPA', ['XCLIENT', 'SASL LOGIN PLAIN'], '+OK hi'],
  ])('who the client is where %s offers it', (_where, offers, greeting) => {
    const dialogue = ready(offers, greeting);
    expect(sent(dialogue.login({ secret: password(), client: CLIENT }))).toBe(
      'XCLIENT ADDR=192.0.2.7 PORT=40000 SESSION=sid1 TTL=4\r\nAUTH PLAIN\r\n',
    );
    expect(sent(receive(dialogue, '+OK Updated\r\n+ \r\n'))).toBe(`${PLAIN}\r\n`);
    expect(receive(dialogue, '+OK in\r\n+OK ea')).toEqual([
      { kind: 'logged-in', capabilities: undefined, early: Buffer.from('+OK ea') },
    ]);
  });

  it('the count alone of a client that it shall not tell of', () => {
    const client = { hopsLeft: 4 };
    const dialogue = ready(['XCLIENT', 'SASL PLAIN']);
    expect(sent(dialogue.login({ secret: password(), client }))).toBe(
      'XCLIENT TTL=4\r\nAUTH PLAIN\r\n',
    );
  });

  it('PLAIN all the same to a server that did not believe it', () => {
    const dialogue = ready(['SASL PLAIN'], '+OK [XCLIENT] hi');
    dialogue.login({ secret: password(), client: CLIENT });
    expect(sent(receive(dialogue, '-ERR not from you\r\n+ \r\n'))).toBe(`${PLAIN}\r\n`);
  });

  it('USER and PASS to a server without PLAIN', () => {
    const dialogue = ready(['USER']);
    expect(sent(dialogue.login({ secret: password(), client: CLIENT }))).toBe('USER anna\r\n');
    expect(sent(receive(dialogue, '+OK\r\n'))).toBe('PASS pa ss\r\n');
    expect(receive(dialogue, '-ERR [AUTH] no\r\n')).toMatchObject([
      { kind: 'refused', about: 'credentials' },
    ]);
  });

  it.each(['a\r\nDELE 1', 'a\nb'])('nothing where PASS cannot hold %j', (text) => {
    const steps = ready(['USER']).login({ secret: password(text), client: undefined });
    expect(steps).toMatchObject([{ kind: 'refused', about: 'mechanism' }]);
  });

  it('nothing to a server that a master user cannot use', () => {
    const steps = ready(['USER']).login({ secret: password('m', 'bob'), client: undefined });
    expect(steps).toMatchObject([{ kind: 'refused', about: 'mechanism' }]);
  });

  it('what the client chose, as far as it is offered', () => {
    const choices = { language: 'de', isUtf8: true };
    const dialogue = ready(['SASL PLAIN', 'UTF8 USER', 'LANG']);
    expect(sent(dialogue.login({ secret: password(), client: undefined, choices }))).toBe(
      'UTF8\r\nLANG de\r\nAUTH PLAIN\r\n',
    );
    const plain = ready(['SASL PLAIN']);
    expect(sent(plain.login({ secret: password(), client: undefined, choices }))).toBe(
      'AUTH PLAIN\r\n',
    );
  });

  it('a ticket, and takes its refusal', () => {
    const dialogue = ready(['SASL OAUTHBEARER']);
    const secret = { kind: 'ticket', loginName: 'anna', ticket: 't' } as const;
    expect(sent(dialogue.login({ secret, client: undefined }))).toBe('AUTH OAUTHBEARER\r\n');
    receive(dialogue, '+ \r\n');
    expect(sent(receive(dialogue, '+ e30=\r\n'))).toBe('AQ==\r\n');
    expect(receive(dialogue, '-ERR [AUTH] no\r\n')).toMatchObject([{ about: 'credentials' }]);
  });
});

describe('a refusal', () => {
  it.each([
    ['-ERR [AUTH] Authentication failed.', 'credentials'],
    ['-ERR Logon failure: unknown user name or bad password.', 'credentials'],
    ['-ERR [SYS/TEMP] Temporary failure', 'session'],
    ['-ERR [IN-USE] locked', 'session'],
    ['-ERR Server Unavailable. 21', 'session'],
  ])('%j is about %s', (line, about) => {
    const dialogue = ready(['SASL PLAIN']);
    dialogue.login({ secret: password(), client: undefined });
    receive(dialogue, '+ \r\n');
    expect(receive(dialogue, `${line}\r\n`)).toMatchObject([{ kind: 'refused', about }]);
  });
});

it('never throws, whatever a server says', () => {
  const words = ['+OK ', '-ERR\r\n', '+OK\r\n', '.\r\n', 'SASL PLAIN\r\n', '+ \r\n'];
  const piece = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, startsTls) => {
      const dialogue = createForeignPop3({ startsTls });
      for (const text of pieces) {
        for (const step of receive(dialogue, text)) {
          if (step.kind === 'start-tls') dialogue.tlsStarted();
          if (step.kind === 'ready') dialogue.login({ secret: password(), client: CLIENT });
        }
      }
    }),
  );
});
