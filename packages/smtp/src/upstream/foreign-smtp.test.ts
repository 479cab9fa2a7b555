/** Logging in at a submission service that is not ours: what it says, and what is made of it. */
import type { ForeignDialogue, ForeignSecret, ForeignStep } from '@homeward/sasl';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createForeignSmtp } from './foreign-smtp.ts';

const CLIENT = {
  address: '192.0.2.7',
  port: 40_000,
  connectedAddress: '192.0.2.1',
  connectedPort: 465,
  sessionId: 'sid1',
  hopsLeft: 4,
};
const CHOICES = { language: 'en', isUtf8: false, clientName: 'phone' };
const OWN_EHLO = 'EHLO [127.0.0.1]\r\n';

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

function extensions(offers: readonly string[]): string {
  return `${['old', ...offers].map((offer) => `250-${offer}\r\n`).join('')}250 HELP\r\n`;
}

function ready(offers: readonly string[]): ForeignDialogue {
  const dialogue = createForeignSmtp({ startsTls: false });
  expect(sent(receive(dialogue, '220-old\r\n220 ESMTP\r\n'))).toBe(OWN_EHLO);
  expect(receive(dialogue, extensions(offers))).toEqual([{ kind: 'ready' }]);
  return dialogue;
}

function password(text = 'pa ss', authzid?: string): ForeignSecret {
  return { kind: 'password', authzid, loginName: 'anna', password: Buffer.from(text) };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PLAIN = `${base64('\0anna\0pa ss')}\r\n`;

it('end() forgets a secret that was not said', () => {
  const dialogue = ready(['AUTH PLAIN']);
  dialogue.login({ secret: password(), client: undefined });
  dialogue.end();
  expect(receive(dialogue, '334 \r\n')).toEqual([]);
});

describe('before login', () => {
  it('upgrades first, whatever is offered, and asks anew what is', () => {
    const dialogue = createForeignSmtp({ startsTls: true });
    expect(sent(receive(dialogue, '220 old\r\n'))).toBe(OWN_EHLO);
    expect(sent(receive(dialogue, extensions(['AUTH PLAIN'])))).toBe('STARTTLS\r\n');
    expect(receive(dialogue, '220 go\r\n')).toEqual([{ kind: 'start-tls' }]);
    expect(sent(dialogue.tlsStarted())).toBe(OWN_EHLO);
    receive(dialogue, extensions([]));
    expect(dialogue.login({ secret: password(), client: undefined })).toMatchObject([
      { kind: 'refused', about: 'mechanism' },
    ]);
  });

  it.each(['454 4.7.0 not now\r\n', '500 what\r\n', '220 go\r\n250 injected\r\n', '250 x\r\n'])(
    'without TLS nothing is sent any more: %j',
    (answer) => {
      const dialogue = createForeignSmtp({ startsTls: true });
      receive(dialogue, '220 old\r\n');
      receive(dialogue, extensions(['STARTTLS']));
      expect(receive(dialogue, answer)).toMatchObject([{ kind: 'no-tls' }]);
      expect(receive(dialogue, '220 go\r\n')).toEqual([]);
    },
  );

  it.each(['421 4.3.2 full\r\n', '554 no\r\n', '* OK IMAP\r\n', '220 hi\n', 'x'.repeat(4096)])(
    '%j is no greeting',
    (greeting) => {
      const dialogue = createForeignSmtp({ startsTls: false });
      expect(receive(dialogue, greeting)).toMatchObject([{ kind: 'broken' }]);
    },
  );

  it('gives up a list that does not end', () => {
    const dialogue = createForeignSmtp({ startsTls: false });
    receive(dialogue, '220 hi\r\n');
    expect(receive(dialogue, '250-X\r\n'.repeat(101))).toMatchObject([{ kind: 'broken' }]);
  });
});

describe('login() says', () => {
  it('PLAIN behind the server’s 334, in the client’s own name', () => {
    const dialogue = ready(['AUTH LOGIN PLAIN']);
    const request = { secret: password(), client: CLIENT, choices: CHOICES };
    expect(sent(dialogue.login(request))).toBe('EHLO phone\r\n');
    expect(sent(receive(dialogue, extensions(['AUTH LOGIN PLAIN'])))).toBe('AUTH PLAIN\r\n');
    expect(sent(receive(dialogue, '334 \r\n'))).toBe(PLAIN);
    expect(receive(dialogue, '235 2.7.0 in\r\n250 ea')).toEqual([
      { kind: 'logged-in', capabilities: undefined, early: Buffer.from('250 ea') },
    ]);
  });

  it('who the client is where the server takes that, and begins anew', () => {
    const dialogue = ready(['XCLIENT NAME ADDR PORT HELO LOGIN DESTADDR', 'AUTH PLAIN']);
    const request = { secret: password(), client: CLIENT, choices: CHOICES };
    expect(sent(dialogue.login(request))).toBe(
      'XCLIENT ADDR=192.0.2.7 PORT=40000 NAME=[UNAVAILABLE] DESTADDR=192.0.2.1 HELO=phone\r\n',
    );
    expect(sent(receive(dialogue, '220 old\r\n'))).toBe('EHLO phone\r\n');
    expect(sent(receive(dialogue, extensions(['AUTH PLAIN'])))).toBe('AUTH PLAIN\r\n');
  });

  it('the count alone of a client that it shall not tell of, to a server that counts', () => {
    const request = { secret: password(), client: { hopsLeft: 4 }, choices: CHOICES };
    const counting = ready(['XCLIENT ADDR PROTO HELO TTL', 'AUTH PLAIN']);
    expect(sent(counting.login(request))).toBe('XCLIENT TTL=4\r\n');
    const other = ready(['XCLIENT NAME ADDR PROTO HELO', 'AUTH PLAIN']);
    expect(sent(other.login(request))).toBe('EHLO phone\r\n');
  });

  it('PLAIN all the same to a server that did not believe it', () => {
    const dialogue = ready(['XCLIENT ADDR SESSION TTL', 'AUTH PLAIN']);
    const client = { ...CLIENT, address: '2001:db8::7' };
    expect(sent(dialogue.login({ secret: password(), client }))).toBe(
      'XCLIENT ADDR=IPV6:2001:db8::7 SESSION=sid1 TTL=4\r\n',
    );
    expect(sent(receive(dialogue, '550 5.7.0 not from you\r\n'))).toBe(OWN_EHLO);
    expect(sent(receive(dialogue, extensions(['AUTH PLAIN'])))).toBe('AUTH PLAIN\r\n');
  });

  it('a name of our own to a server that takes not the client’s', () => {
    const dialogue = ready(['AUTH PLAIN']);
    const choices = { ...CHOICES, clientName: 'my_phone' };
    expect(sent(dialogue.login({ secret: password(), client: undefined, choices }))).toBe(
      'EHLO my_phone\r\n',
    );
    expect(sent(receive(dialogue, '501-5.5.4 Invalid\r\n501 5.5.4 domain name\r\n'))).toBe(
      OWN_EHLO,
    );
    expect(sent(receive(dialogue, extensions(['AUTH PLAIN'])))).toBe('AUTH PLAIN\r\n');
  });

  it('nothing more to a server that takes no name at all', () => {
    const dialogue = ready(['AUTH PLAIN']);
    dialogue.login({ secret: password(), client: undefined, choices: CHOICES });
    receive(dialogue, '501 5.5.4 no\r\n');
    expect(receive(dialogue, '501 5.5.4 no\r\n')).toMatchObject([{ kind: 'broken' }]);
  });

  it('no attribute that would end the line or make it too long', () => {
    const dialogue = ready(['XCLIENT HELO TTL', 'AUTH PLAIN']);
    const choices = { ...CHOICES, clientName: `x=+${'é'.repeat(300)}` };
    const request = { secret: password(), client: CLIENT, choices };
    expect(sent(dialogue.login(request))).toBe('XCLIENT TTL=4\r\n');
  });

  it('LOGIN to a server without PLAIN, in whatever way it offers it', () => {
    const dialogue = ready(['AUTH=LOGIN']);
    expect(sent(dialogue.login({ secret: password(), client: undefined }))).toBe('AUTH LOGIN\r\n');
    expect(sent(receive(dialogue, '334 VXNlcm5hbWU6\r\n'))).toBe(`${base64('anna')}\r\n`);
    expect(sent(receive(dialogue, '334 UGFzc3dvcmQ6\r\n'))).toBe(`${base64('pa ss')}\r\n`);
    expect(receive(dialogue, '535 5.7.3 Authentication unsuccessful\r\n')).toMatchObject([
      { kind: 'refused', about: 'credentials', code: '5.7.3' },
    ]);
  });

  it.each([
    ['a master user without PLAIN', ['AUTH LOGIN'], password('m', 'bob')],
    ['a password without a mechanism for it', ['AUTH GSSAPI NTLM'], password()],
    ['a ticket without OAUTHBEARER', ['AUTH PLAIN'], ticket()],
    ['nothing where nothing is offered', [], password()],
  ])('nothing for %s', (_what, offers, secret) => {
    const steps = ready(offers).login({ secret, client: CLIENT });
    expect(steps).toMatchObject([{ kind: 'refused', about: 'mechanism' }]);
  });

  it('a ticket, and takes its refusal', () => {
    const dialogue = ready(['AUTH OAUTHBEARER']);
    expect(sent(dialogue.login({ secret: ticket(), client: undefined }))).toBe(
      'AUTH OAUTHBEARER\r\n',
    );
    receive(dialogue, '334 \r\n');
    expect(sent(receive(dialogue, '334 e30=\r\n'))).toBe('AQ==\r\n');
    expect(receive(dialogue, '535 5.7.8 no\r\n')).toMatchObject([{ about: 'credentials' }]);
  });
});

describe('a refusal', () => {
  it.each([
    ['535 5.7.8 Error: authentication failed', 'credentials'],
    ['535-5.7.8 Username and password\r\n535 5.7.8 not accepted', 'credentials'],
    ['454 4.7.0 Temporary authentication failure', 'session'],
    ['421 4.3.2 Server busy', 'session'],
    ['432 4.7.12 A password transition is needed', 'session'],
    ['550 5.7.1 not here', 'session'],
    ['538 5.7.11 Encryption required', 'mechanism'],
    ['530 5.7.0 Must issue a STARTTLS command first', 'mechanism'],
  ])('%j is about %s', (line, about) => {
    const dialogue = ready(['AUTH PLAIN']);
    dialogue.login({ secret: password(), client: undefined });
    receive(dialogue, '334 \r\n');
    expect(receive(dialogue, `${line}\r\n`)).toMatchObject([{ kind: 'refused', about }]);
  });

  it.each(['235 2.7.0 in\r\n', '250 OK\r\n'])('%j before the secret is none', (line) => {
    const dialogue = ready(['AUTH PLAIN']);
    dialogue.login({ secret: password(), client: undefined });
    expect(receive(dialogue, line)).toMatchObject([{ kind: 'broken' }]);
  });
});

it('never throws, whatever a server says', () => {
  const words = ['220 ', '250-AUTH PLAIN\r\n', '250 x\r\n', '334 \r\n', '235 x\r\n', '535 x\r\n'];
  const piece = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, startsTls) => {
      const dialogue = createForeignSmtp({ startsTls });
      for (const text of pieces) {
        for (const step of receive(dialogue, text)) {
          if (step.kind === 'start-tls') dialogue.tlsStarted();
          if (step.kind === 'ready') dialogue.login({ secret: password(), client: CLIENT });
        }
      }
    }),
  );
});

function ticket(): ForeignSecret {
  return { kind: 'ticket', loginName: 'anna', ticket: 't' };
}
