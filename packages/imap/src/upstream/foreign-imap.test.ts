/** Logging in at an IMAP server that is not ours: what it says, and what is made of it. */
import type { ForeignDialogue, ForeignSecret, ForeignStep } from '@homeward/sasl';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createForeignImap } from './foreign-imap.ts';

const CAPABLE = 'IMAP4rev1 SASL-IR ID AUTH=PLAIN AUTH=OAUTHBEARER';
const CLIENT = {
  address: '192.0.2.7',
  port: 40_000,
  connectedAddress: '192.0.2.1',
  connectedPort: 993,
  sessionId: 'sid1',
  hopsLeft: 4,
};

function receive(dialogue: ForeignDialogue, text: string): readonly ForeignStep[] {
  return dialogue.receive(Buffer.from(text, 'latin1'));
}

/** All that is to be sent, secrets too, as one text. */
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

function ready(capabilities = CAPABLE): ForeignDialogue {
  const dialogue = createForeignImap({ startsTls: false });
  expect(receive(dialogue, `* OK [CAPABILITY ${capabilities}] hi\r\n`)).toEqual([
    { kind: 'ready' },
  ]);
  return dialogue;
}

function password(text = 'pa"ss', authzid?: string): ForeignSecret {
  return { kind: 'password', authzid, loginName: 'anna', password: Buffer.from(text) };
}

const PLAIN = Buffer.from('\0anna\0pa"ss').toString('base64');

it('end() forgets a secret that was not said', () => {
  const dialogue = ready('IMAP4rev1 AUTH=PLAIN');
  dialogue.login({ secret: password(), client: undefined });
  dialogue.end();
  expect(receive(dialogue, '+ \r\n')).toEqual([]);
});

describe('before login', () => {
  it('asks for capabilities that the greeting does not tell', () => {
    const dialogue = createForeignImap({ startsTls: false });
    expect(sent(receive(dialogue, '* OK Courier\r\n'))).toBe('H2 CAPABILITY\r\n');
    expect(receive(dialogue, '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nH2 OK\r\n')).toEqual([
      { kind: 'ready' },
    ]);
  });

  it('upgrades first, and believes nothing that was said before', () => {
    const dialogue = createForeignImap({ startsTls: true });
    const greeting = '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n';
    expect(sent(receive(dialogue, greeting))).toBe('H1 STARTTLS\r\n');
    expect(receive(dialogue, 'H1 OK go\r\n')).toEqual([{ kind: 'start-tls' }]);
    expect(receive(dialogue, '* CAPABILITY FORGED\r\n')).toEqual([]);
    expect(sent(dialogue.tlsStarted())).toBe('H2 CAPABILITY\r\n');
    receive(dialogue, '* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nH2 OK\r\n');
    expect(dialogue.login({ secret: password(), client: undefined })).toMatchObject([
      { kind: 'refused', about: 'mechanism' },
    ]);
  });

  it.each(['H1 NO not here\r\n', 'H1 BAD what\r\n', 'H1 OK go\r\n* OK injected\r\n'])(
    'without TLS nothing is sent any more: %j',
    (answer) => {
      const dialogue = createForeignImap({ startsTls: true });
      receive(dialogue, '* OK hi\r\n');
      expect(receive(dialogue, answer)).toMatchObject([{ kind: 'no-tls' }]);
      expect(receive(dialogue, '* OK hi\r\n')).toEqual([]);
    },
  );

  it.each(['* PREAUTH hi\r\n', '* BYE full\r\n', '+OK POP3\r\n', '* OK hi\n', 'x'.repeat(8192)])(
    '%j is no greeting',
    (greeting) => {
      const dialogue = createForeignImap({ startsTls: false });
      expect(receive(dialogue, greeting)).toMatchObject([{ kind: 'broken' }]);
    },
  );

  it('gives up a server that talks and talks', () => {
    const dialogue = ready();
    expect(receive(dialogue, '* OK still here\r\n'.repeat(101))).toMatchObject([
      { kind: 'broken' },
    ]);
  });
});

describe('login() says', () => {
  it('who the client is, and PLAIN at once', () => {
    expect(sent(ready().login({ secret: password(), client: CLIENT }))).toBe(
      'H3 ID ("x-session-id" "sid1" "x-originating-ip" "192.0.2.7" "x-originating-port" "40000" ' +
        '"x-connected-ip" "192.0.2.1" "x-connected-port" "993" "x-proxy-ttl" "4")\r\n' +
        `H4 AUTHENTICATE PLAIN ${PLAIN}\r\n`,
    );
  });

  it('the count alone of a client that it shall not tell of', () => {
    expect(sent(ready().login({ secret: password(), client: { hopsLeft: 4 } }))).toBe(
      `H3 ID ("x-proxy-ttl" "4")\r\nH4 AUTHENTICATE PLAIN ${PLAIN}\r\n`,
    );
  });

  it('nothing of the client to a server without ID', () => {
    const steps = ready('IMAP4rev1 SASL-IR AUTH=PLAIN').login({
      secret: password(),
      client: CLIENT,
    });
    expect(sent(steps)).toBe(`H4 AUTHENTICATE PLAIN ${PLAIN}\r\n`);
  });

  it('whose mailbox the master user opens', () => {
    const steps = ready().login({ secret: password('m', 'bob'), client: undefined });
    const message = Buffer.from('bob\0anna\0m').toString('base64');
    expect(sent(steps)).toBe(`H4 AUTHENTICATE PLAIN ${message}\r\n`);
  });

  it('PLAIN behind the invitation to a server without SASL-IR', () => {
    const dialogue = ready('IMAP4rev1 AUTH=PLAIN');
    expect(sent(dialogue.login({ secret: password(), client: undefined }))).toBe(
      'H4 AUTHENTICATE PLAIN\r\n',
    );
    expect(sent(receive(dialogue, '+ \r\n'))).toBe(`${PLAIN}\r\n`);
  });

  it('LOGIN to a server without PLAIN, quoted', () => {
    const steps = ready('IMAP4rev1').login({ secret: password('p"a\\ß'), client: undefined });
    expect(sent(steps)).toBe('H4 LOGIN "anna" "p\\"a\\\\\xc3\x9f"\r\n');
  });

  it.each(['a\r\nH9 DELETE x', 'a\nb', '\u0001'])(
    'nothing where LOGIN cannot hold the password %j',
    (text) => {
      const steps = ready('IMAP4rev1').login({ secret: password(text), client: undefined });
      expect(steps).toMatchObject([{ kind: 'refused', about: 'mechanism' }]);
    },
  );

  it('a ticket, and takes its refusal', () => {
    const dialogue = ready();
    const steps = dialogue.login({
      secret: { kind: 'ticket', loginName: 'anna', ticket: 'tic.ket' },
      client: undefined,
    });
    const message = Buffer.from('n,a=anna,\x01auth=Bearer tic.ket\x01\x01').toString('base64');
    expect(sent(steps)).toBe(`H4 AUTHENTICATE OAUTHBEARER ${message}\r\n`);
    expect(sent(receive(dialogue, '+ eyJ9\r\n'))).toBe('AQ==\r\n');
    expect(receive(dialogue, 'H4 NO [AUTHENTICATIONFAILED] no\r\n')).toMatchObject([
      { kind: 'refused', about: 'credentials' },
    ]);
  });

  it('a secret only in steps that are overwritten', () => {
    const steps = ready().login({ secret: password(), client: CLIENT });
    expect(steps.filter(({ kind }) => kind === 'send')).not.toContainEqual(
      expect.objectContaining({ octets: expect.stringContaining(PLAIN) }),
    );
  });
});

function answer(text: string): readonly ForeignStep[] {
  const dialogue = ready();
  dialogue.login({ secret: password(), client: CLIENT });
  return receive(dialogue, text);
}

describe('the answer', () => {
  it('brings the server’s own capabilities and what is behind it', () => {
    expect(answer('* ID NIL\r\nH3 OK\r\nH4 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n* 1 EXI')).toEqual([
      { kind: 'logged-in', capabilities: 'IMAP4rev1 IDLE', early: Buffer.from('* 1 EXI') },
    ]);
  });

  it('is followed by the question for capabilities where it has none', () => {
    const dialogue = ready();
    dialogue.login({ secret: password(), client: CLIENT });
    expect(sent(receive(dialogue, 'H3 BAD what\r\nH4 OK in\r\n'))).toBe('H5 CAPABILITY\r\n');
    expect(receive(dialogue, '* CAPABILITY IMAP4rev1 NAMESPACE\r\nH5 OK\r\n')).toMatchObject([
      { kind: 'logged-in', capabilities: 'IMAP4rev1 NAMESPACE' },
    ]);
  });

  it.each([
    ['H4 NO [AUTHENTICATIONFAILED] Authentication failed.', 'credentials'],
    ['H4 NO LOGIN failed.', 'credentials'],
    ['H4 NO [ALERT] Wrong', 'credentials'],
    ['H4 NO [UNAVAILABLE] Temporary failure', 'session'],
    ['H4 NO [LIMIT] Maximum number of connections', 'session'],
    ['H4 NO Server Unavailable. 15', 'session'],
    ['H4 BAD Unknown command', 'mechanism'],
  ])('%j is about %s', (line, about) => {
    expect(answer(`${line}\r\n`)).toMatchObject([{ kind: 'refused', about }]);
  });

  it.each(['* BYE away\r\n', 'H9 OK in\r\n', '+ more\r\n+ more\r\n', '* PREAUTH in\r\n'])(
    '%j breaks it off',
    (text) => {
      expect(answer(text).at(-1)).toMatchObject({ kind: 'broken' });
    },
  );

  it.each([
    ['* BYE idle\r\n', true],
    ['H3 OK\r\n* BYE idle\r\n', false],
    ['+ more\r\n* BYE idle\r\n', false],
  ])('%j: is it a goodbye and nothing else? %j', (text, isGoodbye) => {
    expect(answer(text).at(-1)).toMatchObject({ kind: 'broken', isGoodbye });
  });
});

it('never throws, whatever a server says', () => {
  const words = ['* OK ', 'H1 OK\r\n', 'H2 OK\r\n', 'H4 NO\r\n', '* CAPABILITY A\r\n', '+ \r\n'];
  const piece = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, startsTls) => {
      const dialogue = createForeignImap({ startsTls });
      for (const text of pieces) {
        for (const step of receive(dialogue, text)) {
          if (step.kind === 'start-tls') dialogue.tlsStarted();
          if (step.kind === 'ready') dialogue.login({ secret: password(), client: CLIENT });
        }
      }
    }),
  );
});
