/** The dialogue before login, as transcripts: what a client sends, what becomes of it. */
import {
  type DialogueStep,
  type LoginDialogue,
  type LoginRefusal,
  SESSION_END_REASONS,
} from '@homeward/sasl';
import { NO_SURROUNDINGS } from '@homeward/sasl/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImapLoginDialogue } from './imap-login-dialogue.ts';
import type { ImapLoginOptions } from './options.ts';

const OPTIONS: ImapLoginOptions = {
  banner: 'The IMAP4 service is ready.',
  loginType: 'SecureLogin',
  mechanisms: ['PLAIN', 'LOGIN', 'OAUTHBEARER'],
  surroundings: NO_SURROUNDINGS,
  isEncrypted: false,
  offersStartTls: true,
  capabilities: ['IMAP4rev1', 'LITERAL+', 'ID'],
  serverId: new Map([['name', 'Homeward']]),
  commandBytes: 10_240,
  badCommandLimit: 5,
  earlyBytes: 4096,
};
const SECURE = 'IMAP4rev1 LITERAL+ ID SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER';
const PLAIN_TEXT = 'IMAP4rev1 LITERAL+ ID STARTTLS LOGINDISABLED';

function openDialogue(options: Partial<ImapLoginOptions> = {}): LoginDialogue {
  return createImapLoginDialogue({ ...OPTIONS, isEncrypted: true, ...options });
}

function receive(dialogue: LoginDialogue, text: string): readonly DialogueStep[] {
  return dialogue.receive(Buffer.from(text, 'latin1'));
}

/** All that is sent, and what is asked for, as text. */
function told(steps: readonly DialogueStep[]): string {
  return steps.map(tellStep).join('');
}

function tellStep(step: DialogueStep): string {
  switch (step.kind) {
    case 'send':
      return step.octets;
    case 'start-tls':
      return '<start-tls>';
    case 'close':
      return `<close ${step.reason}>`;
    case 'find-scram-parameters':
      return `<keys of ${step.loginName}>`;
    case 'server-believed':
      return '<believed>';
    case 'authenticate': {
      const { credentials, method } = step;
      if (credentials.kind === 'scram') return `<${method} ${credentials.loginName}>`;
      const secret =
        credentials.kind === 'bearer'
          ? credentials.token
          : `${credentials.actAs ?? ''}/${Buffer.from(credentials.password).toString('latin1')}`;
      return `<${method} ${credentials.loginName ?? ''}/${secret}>`;
    }
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}

it('what nobody has to look at is counted, with why', () => {
  const before = openDialogue({ isEncrypted: false });
  expect(before.declined).toEqual({ count: 0, lastReason: undefined });
  receive(before, 'a LOGIN anna x\r\nb AUTHENTICATE PLAIN\r\n');
  expect(before.declined).toEqual({ count: 2, lastReason: 'privacy-required' });
  const dialogue = openDialogue();
  receive(dialogue, 'a AUTHENTICATE CRAM-MD5\r\n');
  expect(dialogue.declined).toEqual({ count: 1, lastReason: 'mechanism-not-offered' });
  receive(dialogue, 'b LOGIN "an\xe4" x\r\nc NOOP\r\n');
  expect(dialogue.declined).toEqual({ count: 2, lastReason: 'unusable-credentials' });
  const named = openDialogue();
  named.greet('REF1');
  const latin1 = base64('\0anna\0p\xe4ss');
  expect(told(receive(named, `a AUTHENTICATE PLAIN ${latin1}\r\n`))).toBe(
    'a BAD The response is not as the mechanism wants it (ref REF1)\r\n',
  );
  receive(named, 'b AUTHENTICATE PLAIN\r\n*\r\nc AUTHENTICATE PLAIN\r\n%\r\n');
  expect(named.declined).toEqual({ count: 1, lastReason: 'unusable-credentials' });
});

describe('the greeting and CAPABILITY', () => {
  it.each<[claim: string, options: Partial<ImapLoginOptions>, capabilities: string]>([
    ['offer no login before TLS under SecureLogin', { isEncrypted: false }, PLAIN_TEXT],
    [
      'offer no login before TLS under PlainTextAuthentication, whose mechanisms all show secrets',
      { isEncrypted: false, loginType: 'PlainTextAuthentication' },
      PLAIN_TEXT,
    ],
    [
      'offer everything under PlainTextLogin',
      { isEncrypted: false, loginType: 'PlainTextLogin' },
      `IMAP4rev1 LITERAL+ ID SASL-IR STARTTLS AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER`,
    ],
    ['offer everything under TLS', {}, SECURE],
    [
      'offer no STARTTLS without a certificate',
      { isEncrypted: false, offersStartTls: false },
      'IMAP4rev1 LITERAL+ ID LOGINDISABLED',
    ],
    [
      'offer what is configured',
      { mechanisms: ['PLAIN'] },
      'IMAP4rev1 LITERAL+ ID SASL-IR AUTH=PLAIN',
    ],
    [
      'offer no mechanism, and no LOGIN, if there is none',
      { mechanisms: [] },
      'IMAP4rev1 LITERAL+ ID LOGINDISABLED',
    ],
  ])('%s', (_claim, options, capabilities) => {
    const dialogue = openDialogue(options);
    expect(told(dialogue.greet(undefined))).toBe(
      `* OK [CAPABILITY ${capabilities}] The IMAP4 service is ready.\r\n`,
    );
    expect(told(receive(dialogue, 'a CAPABILITY\r\n'))).toBe(
      `* CAPABILITY ${capabilities}\r\na OK Capability completed\r\n`,
    );
  });
});

describe('commands before login', () => {
  it.each<[claim: string, sent: string, answer: string]>([
    ['NOOP does nothing', 'a NOOP\r\n', 'a OK Nothing done\r\n'],
    [
      'ID answers who we are (RFC 2971 §3.2)',
      'a ID ("name" "x")\r\n',
      '* ID ("name" "Homeward")\r\na OK ID completed\r\n',
    ],
    [
      'LOGOUT ends the connection (RFC 3501 §6.1.3)',
      'a LOGOUT\r\nb NOOP\r\n',
      '* BYE Goodbye\r\na OK Logged out\r\n<close logged-out>',
    ],
    ['other commands need a login', 'a SELECT INBOX\r\n', 'a BAD Log in first\r\n'],
    [
      'APPEND is not invited',
      'a APPEND INBOX {5}\r\nb NOOP\r\n',
      'a BAD Log in first\r\nb OK Nothing done\r\n',
    ],
    [
      "APPEND's uninvited message is skipped",
      'a APPEND INBOX {8+}\r\nx NOOP\r\n\r\nb NOOP\r\n',
      'a BAD Log in first\r\nb OK Nothing done\r\n',
    ],
    [
      'an uninvited message beyond all bounds is skipped, too',
      `a APPEND INBOX {20000+}\r\n${'x NOOP\r\n'.repeat(2500)}\r\nb NOOP\r\n`,
      'a BAD Log in first\r\nb OK Nothing done\r\n',
    ],
    ['nonsense is told', 'a BOGUS\r\n', 'a BAD This command is not known here\r\n'],
    ['nonsense without a tag is told', '\r\n', '* BAD Expected a tag at octet 1\r\n'],
    ['STARTTLS under TLS is refused', 'a STARTTLS\r\n', 'a BAD TLS is up already\r\n'],
    [
      'an endless line ends the connection',
      `a LOGIN ${'x'.repeat(20_000)}`,
      'a BAD A command may have 10240 octets\r\n' +
        '* BYE Closing, since nothing can follow that\r\n<close line-too-long>',
    ],
    [
      'an oversized literal is not invited',
      'a LOGIN {99999}\r\nb NOOP\r\n',
      'a BAD A command may have 10240 octets, its literals included\r\nb OK Nothing done\r\n',
    ],
    [
      'an oversized uninvited literal ends the connection',
      'a LOGIN {4294967295+}\r\n',
      'a BAD The literal is too big to be skipped\r\n' +
        '* BYE Closing, since nothing can follow that\r\n<close literal-too-big>',
    ],
    [
      'a bare LF is refused',
      'a NOOP\nb NOOP\r\n',
      'a BAD Lines end with CR LF, and neither stands alone\r\nb OK Nothing done\r\n',
    ],
    ['NUL is refused', 'a NO\0OP\r\n', 'a BAD The command holds a NUL octet\r\n'],
    [
      'too many errors end the connection',
      'a X\r\nb X\r\nc X\r\nd X\r\ne SELECT x\r\nf NOOP\r\n',
      'abcd'.replaceAll(/./g, '$& BAD This command is not known here\r\n') +
        'e BAD Log in first\r\n* BYE Too many errors\r\n<close too-many-errors>',
    ],
    [
      'a browser is sent away',
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      '* BYE This is an IMAP server\r\n<close http-client>',
    ],
  ])('%s', (_claim, sent, answer) => {
    expect(told(receive(openDialogue(), sent))).toBe(answer);
    const slow = openDialogue();
    expect(
      sent
        .split('')
        .map((octet) => told(receive(slow, octet)))
        .join(''),
    ).toBe(answer);
  });

  it('closes in silence when a TLS handshake comes to a plain port', () => {
    const dialogue = openDialogue({ isEncrypted: false });
    expect(told(receive(dialogue, '\x16\x03\x01\x02\x00\x01\x00'))).toBe(
      '<close tls-to-plain-port>',
    );
    expect(receive(dialogue, 'a NOOP\r\n')).toEqual([]);
  });

  it('takes a tag that begins like an HTTP request', () => {
    const dialogue = openDialogue();
    expect(told(receive(dialogue, 'GET '))).toBe('');
    expect(told(receive(dialogue, 'NOOP\r\n'))).toBe('GET OK Nothing done\r\n');
  });
});

describe('LOGIN and AUTHENTICATE', () => {
  const plain = base64('\0alice\0secret');
  it.each<[claim: string, sent: readonly string[], answers: readonly string[]]>([
    ['LOGIN with atoms', ['a LOGIN alice secret\r\n'], ['<LOGIN alice//secret>']],
    [
      'LOGIN with quoted strings',
      ['a LOGIN "DOMAIN\\\\al" "s \\"x"\r\n'],
      ['<LOGIN DOMAIN\\al//s "x>'],
    ],
    [
      'LOGIN with synchronizing literals',
      ['a LOGIN {5}\r\n', 'alice {6}\r\n', 'secret\r\n'],
      ['+ Go on\r\n', '+ Go on\r\n', '<LOGIN alice//secret>'],
    ],
    [
      'LOGIN with non-synchronizing literals',
      ['a LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n'],
      ['<LOGIN alice//secret>'],
    ],
    [
      'PLAIN with an initial response',
      [`a AUTHENTICATE PLAIN ${plain}\r\n`],
      ['<PLAIN alice//secret>'],
    ],
    [
      'PLAIN without one',
      ['a AUTHENTICATE plain\r\n', `${plain}\r\n`],
      ['+ \r\n', '<PLAIN alice//secret>'],
    ],
    [
      'PLAIN that acts for another',
      [`a AUTHENTICATE PLAIN ${base64('bob\0alice\0secret')}\r\n`],
      ['<PLAIN alice/bob/secret>'],
    ],
    [
      'LOGIN, the mechanism',
      ['a AUTHENTICATE LOGIN\r\n', `${base64('alice')}\r\n`, `${base64('secret')}\r\n`],
      ['+ VXNlcm5hbWU6\r\n', '+ UGFzc3dvcmQ6\r\n', '<AUTH-LOGIN alice//secret>'],
    ],
    [
      'OAUTHBEARER',
      [`a AUTHENTICATE OAUTHBEARER ${base64('n,a=alice,\x01auth=Bearer tok\x01\x01')}\r\n`],
      ['<OAUTHBEARER alice/tok>'],
    ],
    [
      'cancelling by "*"',
      ['a AUTHENTICATE PLAIN\r\n', '*\r\nb NOOP\r\n'],
      ['+ \r\n', 'a BAD Authentication was cancelled\r\nb OK Nothing done\r\n'],
    ],
    [
      'a response that is not base64',
      ['a AUTHENTICATE PLAIN\r\n', 'secret!\r\n'],
      ['+ \r\n', 'a BAD The response is not base64\r\n'],
    ],
    [
      'a response that ends with a bare LF',
      ['a AUTHENTICATE PLAIN\r\n', `${plain}\n`],
      ['+ \r\n', 'a BAD The response is not base64\r\n'],
    ],
    [
      'a response that the mechanism does not understand',
      [`a AUTHENTICATE PLAIN ${base64('secret')}\r\n`],
      ['a BAD The response is not as the mechanism wants it\r\n'],
    ],
    [
      'an empty initial response ("=")',
      ['a AUTHENTICATE PLAIN =\r\n'],
      ['a BAD The response is not as the mechanism wants it\r\n'],
    ],
    [
      'an endless response',
      ['a AUTHENTICATE PLAIN\r\n', 'A'.repeat(30_000)],
      [
        '+ \r\n',
        'a BAD The response is too long\r\n' +
          '* BYE Closing, since nothing can follow that\r\n<close line-too-long>',
      ],
    ],
    [
      'an unknown mechanism',
      ['a AUTHENTICATE GSSAPI\r\n'],
      ['a NO This mechanism is not offered\r\n'],
    ],
    [
      'a name that is no UTF-8',
      ['a LOGIN "\xff" secret\r\n'],
      ['a NO [AUTHENTICATIONFAILED] Authentication failed\r\n'],
    ],
    [
      'an empty password',
      ['a LOGIN alice ""\r\n'],
      ['a NO [AUTHENTICATIONFAILED] Authentication failed\r\n'],
    ],
  ])('%s', (_claim, sent, answers) => {
    const dialogue = openDialogue();
    expect(sent.map((text) => told(receive(dialogue, text)))).toEqual(answers);
  });

  it.each(['LOGIN alice secret', `AUTHENTICATE PLAIN ${plain}`, 'AUTHENTICATE LOGIN'])(
    'refuses %s before TLS',
    (command) => {
      const dialogue = openDialogue({ isEncrypted: false });
      expect(told(receive(dialogue, `a ${command}\r\n`))).toBe(
        'a NO [PRIVACYREQUIRED] This login needs TLS first\r\n',
      );
    },
  );

  it('does not offer what is not configured', () => {
    const dialogue = openDialogue({ mechanisms: ['LOGIN'] });
    expect(told(receive(dialogue, `a AUTHENTICATE PLAIN ${plain}\r\n`))).toBe(
      'a NO This mechanism is not offered\r\n',
    );
  });

  it('never repeats what may be a password', () => {
    const secrets = fc.string({
      unit: fc.constantFrom(...'Zq"\\{}()*% \x7f'.split('')),
      maxLength: 9,
    });
    fc.assert(
      fc.property(
        secrets,
        fc.constantFrom('LOGIN alice', 'AUTHENTICATE', 'LOGIN'),
        (tail, command) => {
          const secret = `Zq${tail}`;
          const dialogue = openDialogue();
          const steps = receive(dialogue, `a ${command} ${secret}\r\n`);
          const sent = steps.filter((step) => step.kind === 'send').map((step) => step.octets);
          expect(sent.join('')).not.toContain('Zq');
        },
      ),
    );
  });
});

describe('AUTHENTICATE SCRAM-SHA-256', () => {
  const first = base64('n,,n=alice,r=c');
  const salted = base64('r=cserver-nonce,s=c2FsdA==,i=4096');
  const final = base64(`c=biws,r=cserver-nonce,p=${Buffer.alloc(32).toString('base64')}`);
  const signature = Buffer.from('signature');
  const proof = base64(`v=${signature.toString('base64')}`);

  /** Up to the proof of the client, by `lines`. */
  function prove(...lines: readonly string[]): LoginDialogue {
    const dialogue = openDialogue({ mechanisms: ['SCRAM-SHA-256'] });
    const asked = lines.map((line) => told(receive(dialogue, line))).join('');
    expect(asked).toMatch(/<keys of alice>$/);
    const parameters = { salt: 'c2FsdA==', iterationCount: 4096 };
    expect(told(dialogue.scramParametersFound(parameters))).toBe(`+ ${salted}\r\n`);
    expect(told(receive(dialogue, `${final}\r\n`))).toBe('<SCRAM-SHA-256 alice>');
    return dialogue;
  }

  it.each([
    ['with an initial response', [`a AUTHENTICATE SCRAM-SHA-256 ${first}\r\n`]],
    ['without', ['a AUTHENTICATE SCRAM-SHA-256\r\n', `${first}\r\n`]],
  ])('%s shows its own proof before the OK', (_claim, lines) => {
    const dialogue = prove(...lines);
    expect(told(dialogue.proveServer(signature))).toBe(`+ ${proof}\r\n`);
    expect(told(receive(dialogue, '\r\nb NOOP\r\n'))).toBe('<believed>');
    const { octets, early } = dialogue.loginAccepted('IMAP4rev1');
    expect(octets).toBe('a OK [CAPABILITY IMAP4rev1] Logged in\r\n');
    expect(Buffer.from(early).toString()).toBe('b NOOP\r\n');
  });

  it.each(['*\r\n', 'AAAA\r\n', `${'A'.repeat(30_000)}`])(
    'ends with a client that answers our proof by %j',
    (answer) => {
      const dialogue = prove(`a AUTHENTICATE SCRAM-SHA-256 ${first}\r\n`);
      dialogue.proveServer(signature);
      expect(told(receive(dialogue, answer))).toMatch(
        /^a BAD Authentication was cancelled\r\n\* BYE .*\r\n<close server-not-believed>$/,
      );
    },
  );

  it('refuses without a word of its own', () => {
    const dialogue = prove(`a AUTHENTICATE SCRAM-SHA-256 ${first}\r\n`);
    expect(told(dialogue.loginRefused('bad-credentials', undefined, undefined))).toBe(
      'a NO [AUTHENTICATIONFAILED] Authentication failed\r\n',
    );
  });

  it('is refused where its keys cannot be looked up', () => {
    const dialogue = openDialogue({ mechanisms: ['SCRAM-SHA-256'] });
    receive(dialogue, `a AUTHENTICATE SCRAM-SHA-256 ${first}\r\nb NOOP\r\n`);
    expect(told(dialogue.loginRefused('unavailable', undefined, undefined))).toMatch(
      /^a NO \[UNAVAILABLE\] .*\r\nb OK Nothing done\r\n$/,
    );
  });

  it('binds only where it is offered so', () => {
    const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'] as const;
    const surroundings = { ...NO_SURROUNDINGS, findChannelBinding: () => Buffer.alloc(32) };
    const bound = openDialogue({ mechanisms, surroundings });
    expect(told(bound.greet(undefined))).toContain('AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256');
    expect(told(openDialogue({ mechanisms }).greet(undefined))).not.toContain('PLUS');
    const would = base64('y,,n=alice,r=c');
    // Not offered, "y" is the truth; offered, somebody has changed our list.
    const unbound = openDialogue({ mechanisms: ['SCRAM-SHA-256'], surroundings });
    const command = `a AUTHENTICATE SCRAM-SHA-256 ${would}\r\n`;
    expect(told(receive(unbound, command))).toBe('<keys of alice>');
    expect(told(receive(bound, command))).toBe('<SCRAM-SHA-256 alice>');
  });

  it('leaves no LOGIN where no mechanism shows passwords', () => {
    const dialogue = openDialogue({ mechanisms: ['SCRAM-SHA-256'] });
    expect(told(dialogue.greet(undefined))).toContain('LOGINDISABLED');
    expect(told(receive(dialogue, 'a LOGIN alice secret\r\n'))).toBe(
      'a NO LOGIN is not offered\r\n',
    );
  });
});

describe('the answer to a login', () => {
  it.each<[reason: LoginRefusal, answer: string]>([
    ['bad-credentials', '[AUTHENTICATIONFAILED] Authentication failed'],
    [
      'not-allowed-here',
      '[CONTACTADMIN] Logins like this are not allowed here; ask your administrator: why',
    ],
    ['not-enabled', '[CONTACTADMIN] This account may not use IMAP; ask its administrator: why'],
    ['unavailable', '[UNAVAILABLE] The mailbox cannot be reached now, try again later: why'],
    ['limit', '[LIMIT] A limit is reached: why'],
    ['throttled', '[LIMIT] Too many attempts, try again later: why'],
    ['privacy-required', '[PRIVACYREQUIRED] This login needs TLS first: why'],
    ['in-use', '[INUSE] The mailbox is in use: why'],
  ])('says of %s what it may', (reason, answer) => {
    const dialogue = openDialogue();
    receive(dialogue, 'a LOGIN alice secret\r\n');
    const steps = dialogue.loginRefused(reason, 'why', 'r7');
    expect(told(steps)).toBe(`a NO ${answer} (ref r7)\r\n`);
  });

  it('cannot be broken by its detail', () => {
    const dialogue = openDialogue();
    receive(dialogue, 'a LOGIN alice secret\r\n');
    const steps = dialogue.loginRefused('limit', 'x\r\na OK y', undefined);
    expect(told(steps)).toBe('a NO [LIMIT] A limit is reached: x a OK y\r\n');
  });

  it('goes on after a refusal with what came early, in order', () => {
    const dialogue = openDialogue();
    receive(dialogue, 'a LOGIN alice wrong\r\nb NOOP\r\nc LO');
    expect(receive(dialogue, 'GIN alice right\r\nd NOOP\r\n')).toEqual([]);
    expect(told(dialogue.loginRefused('bad-credentials', undefined, undefined))).toBe(
      'a NO [AUTHENTICATIONFAILED] Authentication failed\r\nb OK Nothing done\r\n' +
        '<LOGIN alice//right>',
    );
    const { octets, early } = dialogue.loginAccepted('IMAP4rev1 IDLE');
    expect(octets).toBe('c OK [CAPABILITY IMAP4rev1 IDLE] Logged in\r\n');
    expect(Buffer.from(early).toString()).toBe('d NOOP\r\n');
  });

  it('hands on everything that came early, untouched', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.uint8Array()), (first, others) => {
        const dialogue = openDialogue({ earlyBytes: 100_000 });
        dialogue.receive(Buffer.concat([Buffer.from('a LOGIN a b\r\n'), first]));
        for (const octets of others) expect(dialogue.receive(octets)).toEqual([]);
        const { octets, early } = dialogue.loginAccepted(undefined);
        expect(octets).toBe('a OK Logged in\r\n');
        expect(Buffer.from(early).equals(Buffer.concat([first, ...others]))).toBe(true);
        expect(dialogue.receive(Buffer.from('b NOOP\r\n'))).toEqual([]);
      }),
    );
  });

  it('bounds what may come early', () => {
    const dialogue = openDialogue();
    receive(dialogue, 'a LOGIN alice secret\r\n');
    expect(receive(dialogue, 'x'.repeat(4096))).toEqual([]);
    expect(told(receive(dialogue, 'x'))).toBe(
      '* BYE Wait for the answer to your login\r\n<close too-many-early-octets>',
    );
  });

  it('explains a refused token and waits for the client to hear it (RFC 7628 §3.2.3)', () => {
    const dialogue = openDialogue();
    const response = base64('n,,\x01auth=Bearer tok\x01\x01');
    receive(dialogue, `a AUTHENTICATE OAUTHBEARER ${response}\r\n`);
    expect(told(dialogue.loginRefused('bad-credentials', undefined, 'r7'))).toBe(
      `+ ${base64('{"status":"invalid_token"}')}\r\n`,
    );
    expect(told(receive(dialogue, 'AQ==\r\nb NOOP\r\n'))).toBe(
      'a NO [AUTHENTICATIONFAILED] Authentication failed (ref r7)\r\nb OK Nothing done\r\n',
    );
  });

  it('ends the connection after too many commands, and bounds what they are answered', () => {
    const answers = told(receive(openDialogue(), 'a CAPABILITY\r\n'.repeat(10_000)));
    expect(answers.split('a OK Capability completed').length - 1).toBe(200);
    expect(answers).toMatch(/\* BYE Too many commands before a login\r\n<close too-many-errors>$/);
  });

  it('ends the connection after too many refused logins', () => {
    const dialogue = openDialogue({ badCommandLimit: 2 });
    receive(dialogue, 'a LOGIN alice x\r\nb LOGIN alice y\r\nc LOGIN alice z\r\n');
    dialogue.loginRefused('bad-credentials', undefined, undefined);
    expect(told(dialogue.loginRefused('bad-credentials', undefined, undefined))).toBe(
      'b NO [AUTHENTICATIONFAILED] Authentication failed\r\n' +
        '* BYE Too many errors\r\n<close too-many-errors>',
    );
  });

  it('does not count what is no fault of the client', () => {
    const dialogue = openDialogue({ badCommandLimit: 1 });
    receive(dialogue, 'a LOGIN alice x\r\n');
    expect(told(dialogue.loginRefused('unavailable', undefined, undefined))).not.toContain('BYE');
  });
});

describe('STARTTLS', () => {
  it('forgets everything that came in plain text (RFC 3501 §6.2.1)', () => {
    const dialogue = openDialogue({ isEncrypted: false });
    expect(told(receive(dialogue, 'a STARTTLS\r\nb LOGIN mallory injected\r\n'))).toBe(
      'a OK Begin TLS now\r\n<start-tls>',
    );
    expect(receive(dialogue, 'c NOOP\r\n')).toEqual([]);
    expect(dialogue.tlsStarted()).toEqual([]);
    expect(told(receive(dialogue, 'd CAPABILITY\r\n'))).toBe(
      `* CAPABILITY ${SECURE}\r\nd OK Capability completed\r\n`,
    );
    expect(told(receive(dialogue, 'e LOGIN alice secret\r\n'))).toBe('<LOGIN alice//secret>');
  });

  it('forgets errors, too', () => {
    const dialogue = openDialogue({ isEncrypted: false });
    receive(dialogue, 'a X\r\na X\r\na X\r\na X\r\na STARTTLS\r\n');
    dialogue.tlsStarted();
    expect(told(receive(dialogue, 'b X\r\n'))).toBe('b BAD This command is not known here\r\n');
  });

  it('is refused where there is no certificate', () => {
    const dialogue = openDialogue({ isEncrypted: false, offersStartTls: false });
    expect(told(receive(dialogue, 'a STARTTLS\r\n'))).toBe('a BAD TLS is not to be had here\r\n');
  });
});

describe('the dialogue', () => {
  it('has the reference in its greeting, and wherever it ends the connection', () => {
    const dialogue = openDialogue();
    expect(told(dialogue.greet('7Q2M0XK9A4TB'))).toMatch(
      /^\* OK \[CAPABILITY [^\]]*\] The IMAP4 service is ready\. \(ref 7Q2M0XK9A4TB\)\r\n$/,
    );
    expect(dialogue.farewell('draining')).toMatch(
      /^\* BYE \[UNAVAILABLE\] [^(]+ \(ref 7Q2M0XK9A4TB\)\r\n$/,
    );
    expect(told(receive(dialogue, 'a CREATE x\r\n'.repeat(10)))).toMatch(
      /\* BYE Too many errors \(ref 7Q2M0XK9A4TB\)\r\n<close too-many-errors>$/,
    );
    expect(dialogue.sessionFarewells()('kicked', 'C2')).toBe(
      '* BYE An administrator has ended this session (ref C2)\r\n',
    );
  });

  it.each([
    ['a LOGIN anna secret', false, 'a NO [PRIVACYREQUIRED] This login needs TLS first'],
    ['a AUTHENTICATE PLAIN', false, 'a NO [PRIVACYREQUIRED] This login needs TLS first'],
    ['a AUTHENTICATE GSSAPI', true, 'a NO This mechanism is not offered'],
  ])('has it where %s is refused at once', (command, isEncrypted, words) => {
    const dialogue = openDialogue({ isEncrypted });
    dialogue.greet('7Q2M0XK9A4TB');
    expect(told(receive(dialogue, `${command}\r\n`))).toBe(`${words} (ref 7Q2M0XK9A4TB)\r\n`);
    expect(told(receive(dialogue, 'b SELECT INBOX\r\n'))).not.toContain('(ref');
  });

  it('says goodbye with a reason', () => {
    const dialogue = openDialogue();
    const others = ['idle', 'limit', 'broken-client', 'switched-off'] as const;
    for (const reason of [...others, ...SESSION_END_REASONS]) {
      expect(dialogue.farewell(reason)).toMatch(/^\* BYE [ -~]+\r\n$/);
    }
    expect(dialogue.sessionFarewells()('draining')).toMatch(/^\* BYE \[UNAVAILABLE\] /);
  });

  it('never throws, and sends whole lines, whatever comes', () => {
    const noise = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'a {}+1"\\*=\r\n\0'.split('')), maxLength: 30 }),
      fc.constantFrom(
        'a LOGIN x {3}\r\n',
        'a AUTHENTICATE PLAIN\r\n',
        'a AUTHENTICATE LOGIN\r\n',
        '*\r\n',
        'AA==\r\n',
        'a NOOP\r\n',
        'a APPEND x {9+}\r\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 12 }), (pieces) => {
        const dialogue = openDialogue({ badCommandLimit: 100 });
        for (const piece of pieces) {
          for (const step of receive(dialogue, piece)) {
            if (step.kind === 'send') expect(step.octets).toMatch(/^(?:[ -~]+\r\n)+$/);
            if (step.kind === 'authenticate') dialogue.loginRefused('unavailable', 'x', 'y');
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('x-proxy-ttl of ID', () => {
  it.each([
    ['a ID ("x-proxy-ttl" "3")\r\n', 3],
    ['a ID ("X-Proxy-TTL" "3")\r\nb ID ("x-proxy-ttl" "5")\r\n', 3],
    ['a ID ("x-proxy-ttl" "0")\r\n', 0],
    ['a ID ("x-proxy-ttl" "-1")\r\n', undefined],
    ['a ID ("x-proxy-ttl" "many")\r\n', undefined],
    ['a ID NIL\r\n', undefined],
  ])('after %j the login may be passed on %s times', (text, hopsLeft) => {
    const steps = receive(openDialogue(), `${text}c LOGIN anna secret\r\n`);
    const login = steps.find(({ kind }) => kind === 'authenticate');
    expect(login).toMatchObject({ method: 'LOGIN' });
    expect(login?.kind === 'authenticate' && login.hopsLeft).toBe(hopsLeft);
  });
});
