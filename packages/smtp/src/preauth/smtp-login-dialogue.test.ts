import {
  type DialogueStep,
  type LoginDialogue,
  type LoginRefusal,
  SESSION_END_REASONS,
} from '@homeward/sasl';
import { NO_SURROUNDINGS } from '@homeward/sasl/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SMTP_COMMANDS } from '../grammar/command-table.ts';
import type { SmtpLoginOptions } from './options.ts';
import { createSmtpLoginDialogue } from './smtp-login-dialogue.ts';

const secure: SmtpLoginOptions = {
  serverName: 'mail.example.org',
  banner: 'ready',
  loginType: 'SecureLogin',
  mechanisms: ['PLAIN', 'LOGIN', 'OAUTHBEARER', 'SCRAM-SHA-256'],
  surroundings: NO_SURROUNDINGS,
  messageBytes: 36_000_000,
  isEncrypted: true,
  offersStartTls: true,
  commandBytes: 2048,
  badCommandLimit: 5,
  earlyBytes: 1024,
};

function open(change: Partial<SmtpLoginOptions> = {}): LoginDialogue {
  const dialogue = createSmtpLoginDialogue({ ...secure, ...change });
  dialogue.greet(undefined);
  return dialogue;
}

/** What is sent as text; other steps as `<kind …>`. */
function show(steps: readonly DialogueStep[]): string {
  return steps
    .map((step) => {
      switch (step.kind) {
        case 'send':
          return step.octets;
        case 'start-tls':
          return '<start-tls>';
        case 'find-scram-parameters':
          return `<keys of ${step.loginName}>`;
        case 'server-believed':
          return '<believed>';
        case 'close':
          return `<close ${step.reason}>`;
        case 'authenticate': {
          const { credentials, choices } = step;
          const secret =
            credentials.kind === 'password'
              ? Buffer.from(credentials.password).toString('latin1')
              : credentials.kind === 'bearer'
                ? credentials.token
                : credentials.authMessage;
          const who = `${credentials.loginName} ${secret}`;
          return `<${step.method} ${who} from ${choices?.clientName}>`;
        }
      }
    })
    .join('');
}

function say(dialogue: LoginDialogue, text: string): string {
  return show(dialogue.receive(Buffer.from(text, 'latin1')));
}

function greeted(change: Partial<SmtpLoginOptions> = {}): LoginDialogue {
  const dialogue = open(change);
  say(dialogue, 'EHLO phone\r\n');
  return dialogue;
}

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const PLAIN = `AUTH PLAIN ${base64('\0anna\0secret')}\r\n`;
const LOGIN_STEP = '<PLAIN anna secret from phone>';
const EXTENSIONS =
  '250-mail.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n' +
  '250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n';

test('what nobody has to look at is counted, with why', () => {
  const dialogue = open({ isEncrypted: false });
  dialogue.receive(Buffer.from('EHLO me\r\nAUTH PLAIN\r\n'));
  expect(dialogue.declined).toEqual({ count: 1, lastReason: 'privacy-required' });
  dialogue.receive(Buffer.from('AUTH CRAM-MD5\r\nNOOP\r\n'));
  expect(dialogue.declined).toEqual({ count: 2, lastReason: 'mechanism-not-offered' });
});

test('createSmtpLoginDialogue() greets by its name', () => {
  const dialogue = createSmtpLoginDialogue(secure);
  expect(show(dialogue.greet(undefined))).toBe('220 mail.example.org ESMTP ready\r\n');
});

test('createSmtpLoginDialogue() greets and ends with the reference, QUIT excepted', () => {
  const dialogue = createSmtpLoginDialogue(secure);
  expect(show(dialogue.greet('7Q2M0XK9A4TB'))).toBe(
    '220 mail.example.org ESMTP ready (ref 7Q2M0XK9A4TB)\r\n',
  );
  expect(dialogue.farewell('idle')).toBe(
    '421 4.4.2 Nothing was said for too long (ref 7Q2M0XK9A4TB)\r\n',
  );
  expect(dialogue.sessionFarewells()('kicked', 'C2')).toBe(
    '421 4.3.2 An administrator has ended this session (ref C2)\r\n',
  );
  expect(say(dialogue, 'QUIT\r\n')).toBe('221 2.0.0 Goodbye\r\n<close logged-out>');
  const other = createSmtpLoginDialogue(secure);
  other.greet('7Q2M0XK9A4TB');
  expect(say(other, 'X\r\n'.repeat(20))).toMatch(
    /421 4\.7\.0 Too many errors \(ref 7Q2M0XK9A4TB\)\r\n<close too-many-errors>$/u,
  );
});

describe('EHLO', () => {
  test('offers logins under TLS, and TLS no more (RFC 3207 §4.2)', () => {
    expect(say(open(), 'EHLO phone\r\n')).toBe(
      `${EXTENSIONS}250-SIZE 36000000\r\n250 AUTH SCRAM-SHA-256 PLAIN LOGIN OAUTHBEARER\r\n`,
    );
  });

  test('offers no extension that some home lacks', () => {
    expect(say(open({ extensions: ['DSN'] }), 'EHLO phone\r\n')).toMatch(
      /^250-mail\.example\.org\r\n250-PIPELINING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-SIZE/u,
    );
  });

  test('offers TLS and no logins before it', () => {
    expect(say(open({ isEncrypted: false }), 'EHLO phone\r\n')).toBe(
      `${EXTENSIONS}250-SIZE 36000000\r\n250 STARTTLS\r\n`,
    );
  });

  test('offers what a listener asks of logins, and no TLS without a certificate', () => {
    const plain = open({ isEncrypted: false, loginType: 'PlainTextLogin', offersStartTls: false });
    expect(say(plain, 'EHLO phone\r\n')).toMatch(
      /250 AUTH SCRAM-SHA-256 PLAIN LOGIN OAUTHBEARER\r\n$/u,
    );
  });

  test('HELO has no extensions, and so no login', () => {
    const dialogue = open();
    expect(say(dialogue, 'HELO phone\r\n')).toBe('250 mail.example.org\r\n');
    expect(say(dialogue, PLAIN)).toBe('503 5.5.1 Say EHLO first\r\n');
  });
});

describe('STARTTLS', () => {
  test('drops what came behind it, and all that was said before (RFC 3207 §5)', () => {
    const dialogue = greeted({ isEncrypted: false });
    expect(say(dialogue, 'STARTTLS\r\nEHLO mallory\r\nMAIL FROM:<>\r\n')).toBe(
      '220 2.0.0 Begin TLS now\r\n<start-tls>',
    );
    expect(say(dialogue, 'NOOP\r\n')).toBe('');
    expect(show(dialogue.tlsStarted())).toBe('');
    expect(say(dialogue, PLAIN)).toBe('503 5.5.1 Say EHLO first\r\n');
    expect(say(dialogue, 'EHLO phone\r\n')).toContain('250 AUTH SCRAM');
  });

  test('is refused under TLS, and without a certificate', () => {
    expect(say(greeted(), 'STARTTLS\r\n')).toBe('503 5.5.1 TLS is active already\r\n');
    const bare = greeted({ isEncrypted: false, offersStartTls: false });
    expect(say(bare, 'STARTTLS\r\n')).toBe('454 4.7.0 TLS is not available\r\n');
  });
});

describe('AUTH', () => {
  test('takes a login with the initial response, and passes on the client’s name', () => {
    const dialogue = greeted();
    expect(say(dialogue, PLAIN)).toBe(LOGIN_STEP);
    expect(dialogue.loginAccepted(undefined)).toEqual({
      octets: '235 2.7.0 Logged in\r\n',
      early: Buffer.alloc(0),
    });
  });

  test('asks for the response where there is none', () => {
    const dialogue = greeted();
    expect(say(dialogue, 'AUTH PLAIN\r\n')).toBe('334 \r\n');
    expect(say(dialogue, `${base64('\0anna\0secret')}\r\n`)).toBe(LOGIN_STEP);
  });

  test('asks for name and password by LOGIN', () => {
    const dialogue = greeted();
    expect(say(dialogue, 'AUTH LOGIN\r\n')).toBe(`334 ${base64('Username:')}\r\n`);
    expect(say(dialogue, `${base64('anna')}\r\n`)).toBe(`334 ${base64('Password:')}\r\n`);
    expect(say(dialogue, `${base64('secret')}\r\n`)).toBe('<AUTH-LOGIN anna secret from phone>');
  });

  test('keeps what came early for the home', () => {
    const dialogue = greeted();
    expect(say(dialogue, `${PLAIN}MAIL FROM:<a@b>\r\nRCPT`)).toBe(LOGIN_STEP);
    expect(say(dialogue, ' TO:<c@d>\r\n')).toBe('');
    expect(dialogue.loginAccepted(undefined).early.toString()).toBe(
      'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n',
    );
  });

  test('closes when too much comes early', () => {
    const dialogue = greeted();
    say(dialogue, PLAIN);
    expect(say(dialogue, 'x'.repeat(1025))).toBe(
      '421 4.5.0 Wait for the answer to AUTH\r\n<close too-many-early-octets>',
    );
    expect(show(dialogue.loginRefused('bad-credentials', undefined, undefined))).toBe('');
  });

  test('shows the server’s proof to a SCRAM client before it is let in', () => {
    const dialogue = greeted();
    const first = base64('n,,n=anna,r=fyko+d2lbbFgONRv9qkxdawL');
    expect(say(dialogue, `AUTH SCRAM-SHA-256 ${first}\r\n`)).toBe('<keys of anna>');
    const challenge = show(
      dialogue.scramParametersFound({ salt: 'W22ZaJ0SNY7soEsUEjb6gQ==', iterationCount: 4096 }),
    );
    expect(challenge).toMatch(/^334 \S+\r\n$/u);
    const serverFirst = Buffer.from(challenge.slice(4).trim(), 'base64').toString();
    const nonce = /^r=(?<nonce>[^,]+)/u.exec(serverFirst)?.groups?.['nonce'] ?? '';
    const proof = Buffer.alloc(32, 1).toString('base64');
    expect(say(dialogue, `${base64(`c=biws,r=${nonce},p=${proof}`)}\r\n`)).toContain(
      '<SCRAM-SHA-256 anna',
    );
    expect(show(dialogue.proveServer(Buffer.alloc(32, 2)))).toBe(
      `334 ${base64(`v=${Buffer.alloc(32, 2).toString('base64')}`)}\r\n`,
    );
    expect(say(dialogue, '\r\n')).toBe('<believed>');
    expect(dialogue.loginAccepted(undefined).octets).toBe('235 2.7.0 Logged in\r\n');
  });

  test.each([
    ['*\r\n', '501 5.7.0 Cancelled\r\n'],
    ['!!!\r\n', '501 5.5.2 The response is not base64\r\n'],
    [`${base64('anna')}\n`, '501 5.5.2 The response is not base64\r\n'],
    [`${base64('anna')}\r\n`, '501 5.5.2 The response does not fit the mechanism\r\n'],
  ])('is over after the response %j', (response, answer) => {
    const dialogue = greeted();
    say(dialogue, 'AUTH PLAIN\r\n');
    expect(say(dialogue, response)).toBe(answer);
    expect(say(dialogue, 'NOOP\r\n')).toBe('250 2.0.0 OK\r\n');
  });

  test.each([
    ['AUTH GSSAPI\r\n', '504 5.5.4 Unknown mechanism\r\n'],
    ['AUTH XOAUTH2\r\n', '504 5.5.4 Unknown mechanism\r\n'],
    ['AUTH PLAIN !\r\n', '501 5.5.2 The initial response is not base64\r\n'],
    ['AUTH PLAIN =\r\n', '501 5.5.2 The response does not fit the mechanism\r\n'],
  ])('answers %j with %j', (line, answer) => {
    expect(say(greeted(), line)).toBe(answer);
  });

  test('needs TLS first', () => {
    expect(say(greeted({ isEncrypted: false }), PLAIN)).toBe(
      '538 5.7.11 This login needs TLS first\r\n',
    );
  });

  const refusals: readonly [LoginRefusal, string][] = [
    ['bad-credentials', '535 5.7.8 Authentication failed (ref 7F)\r\n'],
    ['not-enabled', '550 5.7.1 This account may not send mail here: why (ref 7F)\r\n'],
    ['not-allowed-here', '550 5.7.1 Nobody may log in like this: why (ref 7F)\r\n'],
    [
      'unavailable',
      '454 4.7.0 The server cannot let you in now, try again later: why (ref 7F)\r\n',
    ],
    ['limit', '454 4.7.0 Too many connections: why (ref 7F)\r\n'],
    ['throttled', '454 4.7.0 Too many attempts, try again later: why (ref 7F)\r\n'],
  ];
  test.each(refusals)(
    'is refused for %s in words of its own, and may be tried again',
    (reason, answer) => {
      const dialogue = greeted();
      say(dialogue, PLAIN);
      expect(show(dialogue.loginRefused(reason, 'why', '7F'))).toBe(answer);
      expect(say(dialogue, PLAIN)).toBe(LOGIN_STEP);
    },
  );

  test('tells a bearer why in a challenge, and refuses behind its answer (RFC 7628 §3.2.3)', () => {
    const dialogue = greeted();
    const token = base64('n,,\x01auth=Bearer abc\x01\x01');
    expect(say(dialogue, `AUTH OAUTHBEARER ${token}\r\n`)).toContain('abc');
    expect(show(dialogue.loginRefused('bad-credentials', undefined, undefined))).toMatch(
      /^334 \S+\r\n$/u,
    );
    expect(say(dialogue, 'AQ==\r\n')).toBe('535 5.7.8 Authentication failed\r\n');
  });
});

describe('before a login', () => {
  test.each(['MAIL FROM:<a@b>', 'RCPT TO:<a@b>', 'DATA', 'VRFY a', 'EXPN a'])(
    '%s is refused',
    (line) => {
      expect(say(greeted(), `${line}\r\n`)).toBe('530 5.7.0 Log in first\r\n');
      expect(say(greeted({ isEncrypted: false }), `${line}\r\n`)).toBe(
        '530 5.7.0 Say STARTTLS and log in first\r\n',
      );
    },
  );

  test('takes how often it may be passed on, and begins anew, where it is passed on', () => {
    const dialogue = open({ countsHops: true });
    expect(say(dialogue, 'EHLO proxy\r\n')).toContain('\r\n250-XCLIENT TTL\r\n');
    expect(say(dialogue, 'XCLIENT ADDR=1.2.3.4 TTL=3\r\n')).toBe(
      '220 mail.example.org ESMTP ready\r\n',
    );
    expect(say(dialogue, PLAIN)).toBe('503 5.5.1 Say EHLO first\r\n');
    say(dialogue, 'EHLO phone\r\n');
    expect(dialogue.receive(Buffer.from(PLAIN))).toMatchObject([
      { kind: 'authenticate', hopsLeft: 3 },
    ]);
  });

  test.each(['BDAT 20', 'BDAT 20 LAST', 'BDAT twenty'])(
    '%s ends the connection: its octets are no commands',
    (line) => {
      expect(say(greeted(), `${line}\r\nQUIT\r\nEHLO mallory\r\n`)).toBe(
        '530 5.7.0 Log in before you send a message\r\n<close too-many-errors>',
      );
    },
  );

  test.each([
    ['NOOP', '250 2.0.0 OK\r\n'],
    ['RSET', '250 2.0.0 OK\r\n'],
    ['HELP', '214 2.0.0 EHLO, STARTTLS, AUTH, then send mail\r\n'],
    ['QUIT', '221 2.0.0 Goodbye\r\n<close logged-out>'],
    ['LHLO mx', '500 5.5.1 This is SMTP, not LMTP: say EHLO\r\n'],
    ['XCLIENT ADDR=1.2.3.4', '500 5.5.1 Unknown command\r\n'],
    ['EHLO', '501 5.5.4 Use EHLO hostname\r\n'],
  ])('%s is answered', (line, answer) => {
    expect(say(open(), `${line}\r\n`)).toBe(answer);
  });

  test('answers pipelined commands in order', () => {
    expect(say(open(), 'NOOP\r\nNOOP\r\nQUIT\r\nNOOP\r\n')).toBe(
      '250 2.0.0 OK\r\n250 2.0.0 OK\r\n221 2.0.0 Goodbye\r\n<close logged-out>',
    );
  });

  test('ends after too many errors', () => {
    const dialogue = open({ badCommandLimit: 2 });
    expect(say(dialogue, 'X\r\n')).toBe('500 5.5.1 Unknown command\r\n');
    expect(say(dialogue, 'X\r\n')).toBe(
      '500 5.5.1 Unknown command\r\n421 4.7.0 Too many errors\r\n<close too-many-errors>',
    );
  });

  test('bounds what a stranger makes it say', () => {
    const answers = say(open(), 'EHLO x\r\n'.repeat(100_000));
    expect(answers.split('250 AUTH').length - 1).toBe(200);
    expect(answers).toMatch(/<close too-many-errors>$/u);
  });

  test.each([
    [
      'GET / HTTP/1.1\r\n',
      '500 5.5.1 This is a mail server, not a web site\r\n<close http-client>',
    ],
    [
      '\x16\x03\x01\x02\x00',
      '500 5.5.1 This port starts without TLS: say STARTTLS, or use the port for TLS\r\n<close tls-to-plain-port>',
    ],
    ['x'.repeat(2048), '500 5.5.6 The line is too long\r\n<close line-too-long>'],
  ])('recognises %j', (octets, answer) => {
    expect(say(open({ isEncrypted: false }), octets)).toBe(answer);
  });

  test('takes an AUTH that is longer than other commands', () => {
    const token = `n,,\x01auth=Bearer ${'a'.repeat(4000)}\x01\x01`;
    expect(say(greeted(), `AUTH OAUTHBEARER ${base64(token)}\r\n`)).toContain('<OAUTHBEARER');
  });

  test('says the same an octet at a time as at once', () => {
    const line = fc.constantFrom(
      ...SMTP_COMMANDS.map(({ name }) => `${name}\r\n`),
      'EHLO phone\r\n',
      PLAIN,
      'AUTH LOGIN\r\n',
      `${base64('anna')}\r\n`,
      '*\r\n',
      'NOOP\n',
      '\r',
      'MAIL FROM:<a@b>\r\n',
    );
    const joined = (steps: readonly DialogueStep[]): string => show(steps);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('');
        const whole = joined(open().receive(Buffer.from(text, 'latin1')));
        const pieces = open();
        const byOctet = Array.from(text, (octet) =>
          joined(pieces.receive(Buffer.from(octet, 'latin1'))),
        );
        expect(byOctet.join('')).toBe(whole);
      }),
    );
  });
});

test.each([
  ['AUTH PLAIN', false, '538 5.7.11 This login needs TLS first'],
  ['AUTH GSSAPI', true, '504 5.5.4 Unknown mechanism'],
])(
  '%s that is refused at once has the reference of the greeting',
  (command, isEncrypted, words) => {
    const dialogue = createSmtpLoginDialogue({ ...secure, isEncrypted });
    dialogue.greet('7Q2M0XK9A4TB');
    say(dialogue, 'EHLO laptop\r\n');
    expect(say(dialogue, `${command}\r\n`)).toBe(`${words} (ref 7Q2M0XK9A4TB)\r\n`);
    expect(say(dialogue, 'DATA\r\n')).not.toContain('(ref');
  },
);

describe('farewell()', () => {
  test.each([
    ['idle', '421 4.4.2 Nothing was said for too long\r\n'],
    ['broken-client', '421 4.5.0 This is not SMTP\r\n'],
  ] as const)('for %s', (reason, words) => {
    expect(open().farewell(reason)).toBe(words);
  });

  test('names a limit', () => {
    expect(open().farewell('limit', 'total 10')).toBe(
      '421 4.7.0 Too many connections: total 10\r\n',
    );
  });

  test.each(SESSION_END_REASONS)('has words of its own for %s, also behind the login', (reason) => {
    const words = open().farewell(reason);
    expect(words).toMatch(/^421 4\.\d\.\d [ -~]+\r\n$/u);
    expect(open().sessionFarewells()(reason)).toBe(words);
  });
});
