import {
  type DialogueStep,
  type LoginDialogue,
  type LoginRefusal,
  SESSION_END_REASONS,
} from '@homeward/sasl';
import { NO_SURROUNDINGS } from '@homeward/sasl/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POP3_COMMANDS } from '../grammar/command-table.ts';
import type { Pop3LoginOptions } from './options.ts';
import { createPop3LoginDialogue } from './pop3-login-dialogue.ts';

const secure: Pop3LoginOptions = {
  banner: 'POP3 ready',
  loginType: 'SecureLogin',
  policy: { loginDelaySeconds: 30, expireDays: 7 },
  preferredLanguage: 'fr',
  mechanisms: ['PLAIN', 'LOGIN'],
  surroundings: NO_SURROUNDINGS,
  offersUser: true,
  isEncrypted: true,
  offersStls: true,
  commandBytes: 512,
  badCommandLimit: 5,
  earlyBytes: 1024,
};

function open(change: Partial<Pop3LoginOptions> = {}): LoginDialogue {
  const dialogue = createPop3LoginDialogue({ ...secure, ...change });
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
          const { credentials } = step;
          if (credentials.kind === 'scram') return `<${step.method} ${credentials.loginName}>`;
          const secret =
            credentials.kind === 'password'
              ? Buffer.from(credentials.password).toString('latin1')
              : credentials.token;
          return `<${step.method} ${credentials.loginName} ${secret}>`;
        }
      }
    })
    .join('');
}

function say(dialogue: LoginDialogue, text: string): string {
  return show(dialogue.receive(Buffer.from(text, 'latin1')));
}

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const PRIVACY = '-ERR [SYS/PERM] This login needs TLS first\r\n';

test('what nobody has to look at is counted, with why', () => {
  const before = open({ isEncrypted: false });
  say(before, 'USER anna\r\nAUTH PLAIN\r\n');
  expect(before.declined).toEqual({ count: 2, lastReason: 'privacy-required' });
  const dialogue = open();
  say(dialogue, 'AUTH CRAM-MD5\r\n');
  expect(dialogue.declined).toEqual({ count: 1, lastReason: 'mechanism-not-offered' });
  say(dialogue, 'USER anna\r\nPASS \xe4\r\nNOOP\r\n');
  expect(dialogue.declined).toEqual({ count: 2, lastReason: 'unusable-credentials' });
  const named = createPop3LoginDialogue(secure);
  named.greet('REF1');
  expect(say(named, `AUTH PLAIN ${base64('\0anna\0p\xe4ss')}\r\n`)).toMatch(
    /^-ERR .* \(ref REF1\)\r\n$/,
  );
  say(named, 'AUTH PLAIN\r\n*\r\nAUTH PLAIN\r\n%\r\n');
  expect(named.declined).toEqual({ count: 1, lastReason: 'unusable-credentials' });
});

describe('createPop3LoginDialogue() greets', () => {
  test('with the banner, and nothing that looks like APOP', () => {
    const dialogue = createPop3LoginDialogue({ ...secure, banner: 'Ready <1.2@host>' });
    expect(show(dialogue.greet(undefined))).toBe('+OK Ready 1.2@host\r\n');
  });

  test('with the reference, which looks no more like APOP', () => {
    const dialogue = createPop3LoginDialogue({ ...secure, banner: 'Ready.' });
    expect(show(dialogue.greet('7Q2M0XK9A4TB'))).toBe('+OK Ready. (ref 7Q2M0XK9A4TB)\r\n');
  });
});

describe('CAPA', () => {
  test.each([
    ['before TLS', { isEncrypted: false }, 'STLS\r\n', ['USER', 'SASL']],
    ['without a certificate', { isEncrypted: false, offersStls: false }, 'UIDL', ['STLS']],
    ['under TLS', {}, 'USER\r\nSASL PLAIN LOGIN\r\nEXPIRE', ['STLS']],
    ['of the site’s policy', {}, 'EXPIRE 7\r\nLOGIN-DELAY 30\r\nIMPL', []],
    [
      'with PlainTextLogin',
      { isEncrypted: false, loginType: 'PlainTextLogin' as const },
      'USER\r\nSASL PLAIN LOGIN\r\nSTLS',
      [],
    ],
    [
      'with PlainTextAuthentication',
      { isEncrypted: false, loginType: 'PlainTextAuthentication' as const },
      'STLS',
      ['USER', 'SASL'],
    ],
    [
      'at a back end',
      { offersUser: false, mechanisms: ['OAUTHBEARER' as const] },
      'SASL OAUTHBEARER\r\n',
      ['USER'],
    ],
  ])('%s tells what is possible', (_, change, present, absent) => {
    const list = say(open(change), 'CAPA\r\n');
    expect(list).toMatch(/^\+OK .*\r\n[^]*\r\n\.\r\n$/);
    expect(list).toContain(present);
    for (const name of absent) expect(list).not.toMatch(new RegExp(`^${name}`, 'm'));
  });
});

describe('STLS', () => {
  test('asks for TLS, then offers what TLS allows', () => {
    const dialogue = open({ isEncrypted: false });
    expect(say(dialogue, 'STLS\r\n')).toBe('+OK Begin TLS negotiation\r\n<start-tls>');
    expect(dialogue.tlsStarted()).toEqual([]);
    expect(say(dialogue, 'CAPA\r\n')).toContain('SASL PLAIN LOGIN');
    expect(say(dialogue, 'STLS\r\n')).toBe('-ERR TLS is active already\r\n');
  });

  test('drops what came in plaintext behind it, in the same piece or later', () => {
    const dialogue = open({ isEncrypted: false });
    const answer = say(dialogue, 'STLS\r\nUSER anna\r\nPASS ');
    expect(answer).toBe('+OK Begin TLS negotiation\r\n<start-tls>');
    expect(say(dialogue, 'x\r\nCAPA\r\n')).toBe('');
    dialogue.tlsStarted();
    expect(say(dialogue, 'PASS secret\r\n')).toBe('-ERR Send USER first\r\n');
  });

  test('forgets the name that was given before', () => {
    const dialogue = open({ isEncrypted: false, loginType: 'PlainTextLogin' });
    expect(say(dialogue, 'USER mallory\r\nSTLS\r\n')).toContain('<start-tls>');
    dialogue.tlsStarted();
    expect(say(dialogue, 'PASS secret\r\n')).toBe('-ERR Send USER first\r\n');
  });

  test('is refused where there is no certificate', () => {
    const dialogue = open({ isEncrypted: false, offersStls: false });
    expect(say(dialogue, 'STLS\r\n')).toBe('-ERR [SYS/PERM] TLS is not available\r\n');
  });
});

describe('USER and PASS', () => {
  test('lead to a login', () => {
    const dialogue = open();
    expect(say(dialogue, 'USER anna\r\n')).toBe('+OK Send PASS\r\n');
    expect(say(dialogue, 'PASS my secret \r\n')).toBe('<USER anna my secret >');
    expect(dialogue.loginAccepted(undefined)).toEqual({
      octets: '+OK Logged in\r\n',
      early: Buffer.alloc(0),
    });
  });

  test('come in one piece, and what follows waits for the home', () => {
    const dialogue = open();
    const answer = say(dialogue, 'USER anna\r\nPASS secret\r\nSTAT\r\nLI');
    expect(answer).toBe('+OK Send PASS\r\n<USER anna secret>');
    expect(say(dialogue, 'ST\r\n')).toBe('');
    const { early } = dialogue.loginAccepted(undefined);
    expect(Buffer.from(early).toString()).toBe('STAT\r\nLIST\r\n');
  });

  test('need each other anew after a refusal', () => {
    const dialogue = open();
    say(dialogue, 'USER anna\r\nPASS wrong\r\n');
    expect(show(dialogue.loginRefused('bad-credentials', undefined, 'abc'))).toBe(
      '-ERR [AUTH] Authentication failed (ref abc)\r\n',
    );
    expect(say(dialogue, 'PASS right\r\n')).toBe('-ERR Send USER first\r\n');
  });

  test('go on with what came early after a refusal', () => {
    const dialogue = open();
    say(dialogue, 'USER anna\r\nPASS wrong\r\nUSER berta\r\nPASS right\r\nSTAT\r\n');
    expect(show(dialogue.loginRefused('bad-credentials', undefined, undefined))).toBe(
      '-ERR [AUTH] Authentication failed\r\n+OK Send PASS\r\n<USER berta right>',
    );
    expect(Buffer.from(dialogue.loginAccepted(undefined).early).toString()).toBe('STAT\r\n');
  });

  test.each([
    ['before TLS', { isEncrypted: false }, PRIVACY],
    ['where not offered', { offersUser: false }, '-ERR USER is not offered; see CAPA\r\n'],
  ])('are refused %s, without looking at the password', (_, change, refusal) => {
    const dialogue = open(change);
    expect(say(dialogue, 'USER anna\r\n')).toBe(refusal);
    expect(say(dialogue, 'PASS secret\r\n')).toBe('-ERR Send USER first\r\n');
  });
});

describe('LANG', () => {
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

  test('changes the texts of all that follows, refusals and farewells too', () => {
    const dialogue = open();
    expect(say(dialogue, 'LANG de\r\n')).toBe('+OK de Texte sind von jetzt an auf Deutsch\r\n');
    expect(say(dialogue, 'STAT\r\n')).toBe('-ERR Melden Sie sich zuerst an\r\n');
    say(dialogue, 'USER anna\r\nPASS wrong\r\n');
    expect(show(dialogue.loginRefused('limit', 'perUser is 16 \u00e4', 'abc'))).toBe(
      '-ERR [SYS/TEMP] Eine Grenze ist erreicht: perUser is 16 ? (ref abc)\r\n',
    );
    expect(dialogue.farewell('idle')).toBe(utf8('-ERR Getrennt: Sie waren zu lange untätig\r\n'));
    expect(say(dialogue, 'CAPA\r\n')).toMatch(/^\+OK Es folgen [^]*\r\nLANG\r\n/);
  });

  test('by * is what the administrator prefers, and does not depend on USER', () => {
    const dialogue = open();
    expect(say(dialogue, 'USER anna\r\nLANG *\r\n')).toMatch(/^\+OK Send PASS\r\n\+OK fr /);
    expect(say(dialogue, 'PASS secret\r\n')).toBe('<USER anna secret>');
  });

  test('goes with the login, for the session behind it', () => {
    const dialogue = open();
    say(dialogue, 'LANG es\r\nUSER anna\r\n');
    const steps = dialogue.receive(Buffer.from('PASS secret\r\n'));
    expect(steps).toMatchObject([
      { kind: 'authenticate', choices: { language: 'es', isUtf8: false } },
    ]);
  });

  test('before TLS is forgotten: somebody else may have said it (RFC 6856 §7)', () => {
    const dialogue = open({ isEncrypted: false });
    expect(say(dialogue, 'LANG fr\r\nSTLS\r\n')).toMatch(/<start-tls>$/);
    dialogue.tlsStarted();
    expect(say(dialogue, 'STAT\r\n')).toBe('-ERR Log in first\r\n');
  });

  test('that is not there costs a bad command, and a listing none', () => {
    const dialogue = open({ badCommandLimit: 2 });
    expect(say(dialogue, 'LANG\r\nLANG\r\nLANG\r\nLANG uga\r\n')).not.toContain('<close');
    expect(say(dialogue, 'LANG uga\r\n')).toMatch(/<close too-many-errors>$/);
  });
});

describe('XCLIENT', () => {
  test('says how often the connection may be passed on, where it is passed on', () => {
    const dialogue = open({ countsHops: true });
    expect(say(dialogue, 'CAPA\r\n')).toContain('\r\nXCLIENT\r\n');
    expect(say(dialogue, 'XCLIENT ADDR=192.0.2.7 TTL=3\r\n')).toBe('+OK Updated\r\n');
    const login = Buffer.from('USER anna\r\nPASS secret\r\n');
    expect(dialogue.receive(login).at(-1)).toMatchObject({ kind: 'authenticate', hopsLeft: 3 });
  });

  test('is unknown elsewhere, and changes nothing', () => {
    const dialogue = open();
    expect(say(dialogue, 'CAPA\r\n')).not.toContain('XCLIENT');
    expect(say(dialogue, 'XCLIENT TTL=3\r\n')).toBe('-ERR Unknown command\r\n');
    const login = Buffer.from('USER anna\r\nPASS secret\r\n');
    expect(dialogue.receive(login).at(-1)).not.toHaveProperty('hopsLeft');
  });
});

describe('UTF8', () => {
  test('goes with the login, by any mechanism', () => {
    for (const login of [
      'USER anna\r\nPASS secret\r\n',
      `AUTH PLAIN ${base64('\0anna\0secret')}\r\n`,
    ]) {
      const dialogue = open();
      expect(say(dialogue, 'UTF8\r\n')).toBe('+OK UTF-8 is on\r\n');
      const steps = dialogue.receive(Buffer.from(login));
      expect(steps.at(-1)).toMatchObject({ choices: { isUtf8: true } });
      dialogue.loginRefused('bad-credentials', undefined, undefined);
      expect(dialogue.receive(Buffer.from(login)).at(-1)).toMatchObject({
        choices: { isUtf8: true },
      });
    }
  });

  test('may not come before STLS (RFC 6856 §2.1)', () => {
    const dialogue = open({ isEncrypted: false });
    say(dialogue, 'UTF8\r\n');
    expect(say(dialogue, 'STLS\r\n')).toBe('-ERR STLS may not follow UTF8\r\n');
  });

  test('takes no arguments', () => {
    expect(say(open(), 'UTF8 USER\r\n')).toBe('-ERR Usage: UTF8\r\n');
  });
});

describe('names and passwords in UTF-8 (RFC 6856 §2.2)', () => {
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

  test.each(['', 'UTF8\r\n'])('are taken, whether or not UTF8 was said (%j)', (before) => {
    const dialogue = open();
    say(dialogue, `${before}${utf8('USER \u00e4nne@b\u00fccher.example')}\r\n`);
    expect(say(dialogue, `PASS ${utf8('gr\u00fc\u00df \ud83d\ude42')}\r\n`)).toBe(
      `<USER \u00e4nne@b\u00fccher.example ${utf8('gr\u00fc\u00df \ud83d\ude42')}>`,
    );
  });

  test.each([
    ['USER \xe4nne\r\nPASS x\r\n', '-ERR Usage: USER name\r\n-ERR Send USER first\r\n'],
    ['USER \xc0\xaf\r\n', '-ERR Usage: USER name\r\n'],
    ['USER a\r\nPASS \xfc\r\n', '+OK Send PASS\r\n-ERR [AUTH] Authentication failed\r\n'],
    ['USER a\r\nPASS \xed\xa0\x80\r\n', '+OK Send PASS\r\n-ERR [AUTH] Authentication failed\r\n'],
  ])('that are not UTF-8 are refused: %j', (text, answer) => {
    expect(say(open(), text)).toBe(answer);
  });
});

describe('AUTH', () => {
  test('without an argument lists mechanisms', () => {
    expect(say(open(), 'AUTH\r\n')).toBe('+OK Mechanisms follow\r\nPLAIN\r\nLOGIN\r\n.\r\n');
    expect(say(open({ isEncrypted: false }), 'AUTH\r\n')).toBe('+OK Mechanisms follow\r\n.\r\n');
  });

  test.each([
    [`AUTH PLAIN ${base64('\0anna\0secret')}\r\n`, '<PLAIN anna secret>'],
    [`auth plain\r\n${base64('\0anna\0secret')}\r\n`, '+ \r\n<PLAIN anna secret>'],
    [
      `AUTH LOGIN\r\n${base64('anna')}\r\n${base64('secret')}\r\n`,
      `+ ${base64('Username:')}\r\n+ ${base64('Password:')}\r\n<AUTH-LOGIN anna secret>`,
    ],
    [
      `AUTH LOGIN ${base64('anna')}\r\n${base64('secret')}\r\n`,
      `+ ${base64('Password:')}\r\n<AUTH-LOGIN anna secret>`,
    ],
  ])('takes %j', (text, answer) => {
    expect(say(open(), text)).toBe(answer);
  });

  test.each([
    ['AUTH PLAIN\r\n*\r\n', '+ \r\n-ERR Authentication cancelled\r\n'],
    ['AUTH LOGIN\r\n*\r\n', `+ ${base64('Username:')}\r\n-ERR Authentication cancelled\r\n`],
    ['AUTH PLAIN =\r\n', '-ERR The response is not as the mechanism wants it\r\n'],
    ['AUTH PLAIN ====\r\n', '-ERR The initial response is not base64\r\n'],
    ['AUTH PLAIN *\r\n', '-ERR The initial response is not base64\r\n'],
    ['AUTH PLAIN\r\nx\r\n', '+ \r\n-ERR The response is not base64\r\n'],
    ['AUTH PLAIN\r\nAAAA\n', '+ \r\n-ERR The response is not base64\r\n'],
    ['AUTH PLAIN\r\n\r\n', '+ \r\n-ERR The response is not as the mechanism wants it\r\n'],
    ['AUTH OAUTHBEARER\r\n', '-ERR Unknown mechanism\r\n'],
    ['AUTH GSSAPI\r\n', '-ERR Unknown mechanism\r\n'],
  ])('refuses %j', (text, answer) => {
    expect(say(open(), text)).toBe(answer);
  });

  test('waits for TLS', () => {
    const text = `AUTH PLAIN ${base64('\0anna\0secret')}\r\n`;
    expect(say(open({ isEncrypted: false }), text)).toBe(PRIVACY);
  });

  test('may be longer than other commands, as its mechanism needs', () => {
    const token = 't'.repeat(2000);
    const response = base64(`n,,\x01auth=Bearer ${token}\x01\x01`);
    const dialogue = open({ mechanisms: ['OAUTHBEARER'], commandBytes: 255 });
    expect(say(dialogue, `AUTH OAUTHBEARER ${response}\r\n`)).toBe(
      `<OAUTHBEARER undefined ${token}>`,
    );
  });

  test('tells the reason of a refused token in a challenge first (RFC 7628 §3.2.2)', () => {
    const dialogue = open({ mechanisms: ['OAUTHBEARER'] });
    say(dialogue, `AUTH OAUTHBEARER ${base64('n,,\x01auth=Bearer t\x01\x01')}\r\nAQ==\r\nCAPA\r\n`);
    const answer = show(dialogue.loginRefused('bad-credentials', undefined, undefined));
    expect(answer).toMatch(
      /^\+ [A-Za-z0-9+/]+=*\r\n-ERR \[AUTH\] Authentication failed\r\n\+OK Cap/,
    );
  });

  test('says at once that a home is away', () => {
    const dialogue = open({ mechanisms: ['OAUTHBEARER'] });
    say(dialogue, `AUTH OAUTHBEARER ${base64('n,,\x01auth=Bearer t\x01\x01')}\r\n`);
    expect(show(dialogue.loginRefused('unavailable', undefined, undefined))).toMatch(
      /^-ERR \[SYS\/TEMP\]/,
    );
  });
});

describe('AUTH SCRAM-SHA-256', () => {
  const first = base64('n,,n=anna,r=c');
  const final = base64(`c=biws,r=cserver-nonce,p=${Buffer.alloc(32).toString('base64')}`);
  const signature = Buffer.from('signature');

  /** Up to the proof of the client, by `lines`. */
  function prove(...lines: readonly string[]): LoginDialogue {
    const dialogue = open({ mechanisms: ['SCRAM-SHA-256'] });
    const asked = lines.map((line) => say(dialogue, line)).join('');
    expect(asked).toMatch(/<keys of anna>$/);
    const parameters = { salt: 'c2FsdA==', iterationCount: 4096 };
    expect(show(dialogue.scramParametersFound(parameters))).toBe(
      `+ ${base64('r=cserver-nonce,s=c2FsdA==,i=4096')}\r\n`,
    );
    expect(say(dialogue, `${final}\r\n`)).toBe('<SCRAM-SHA-256 anna>');
    return dialogue;
  }

  test.each([
    ['with an initial response', [`AUTH SCRAM-SHA-256 ${first}\r\n`]],
    ['without', ['AUTH SCRAM-SHA-256\r\n', `${first}\r\n`]],
  ])('%s shows its own proof before the +OK', (_claim, lines) => {
    const dialogue = prove(...lines);
    expect(show(dialogue.proveServer(signature))).toBe(
      `+ ${base64(`v=${signature.toString('base64')}`)}\r\n`,
    );
    expect(say(dialogue, '\r\nSTAT\r\n')).toBe('<believed>');
    const { octets, early } = dialogue.loginAccepted(undefined);
    expect(octets).toMatch(/^\+OK /);
    expect(Buffer.from(early).toString()).toBe('STAT\r\n');
  });

  test.each(['*\r\n', 'AAAA\r\n'])('ends with a client that answers our proof by %j', (answer) => {
    const dialogue = prove(`AUTH SCRAM-SHA-256 ${first}\r\n`);
    dialogue.proveServer(signature);
    expect(say(dialogue, answer)).toMatch(/^-ERR .*\r\n<close server-not-believed>$/);
  });

  test('refuses without a word of its own', () => {
    const dialogue = prove(`AUTH SCRAM-SHA-256 ${first}\r\n`);
    expect(show(dialogue.loginRefused('bad-credentials', undefined, undefined))).toMatch(
      /^-ERR \[AUTH\] /,
    );
  });
});

describe('loginRefused()', () => {
  const rows: readonly [LoginRefusal, string][] = [
    ['bad-credentials', '[AUTH]'],
    ['not-allowed-here', '[SYS/PERM]'],
    ['not-enabled', '[SYS/PERM]'],
    ['unavailable', '[SYS/TEMP]'],
    ['limit', '[SYS/TEMP]'],
    ['throttled', '[LOGIN-DELAY]'],
    ['privacy-required', '[SYS/PERM]'],
    ['in-use', '[IN-USE]'],
  ];
  test.each(rows)('says %s by %s', (reason, code) => {
    const dialogue = open();
    say(dialogue, 'USER anna\r\nPASS secret\r\n');
    const answer = show(dialogue.loginRefused(reason, 'a\r\ndetail', 'r1'));
    expect(answer.startsWith(`-ERR ${code} `)).toBe(true);
    expect(answer.endsWith('(ref r1)\r\n')).toBe(true);
    expect(answer.match(/\r\n/g)).toHaveLength(1);
  });

  test('never lets a detail vary the words for bad credentials', () => {
    const answers = ['unknown user', 'blocked', undefined].map((detail) => {
      const dialogue = open();
      say(dialogue, 'USER anna\r\nPASS secret\r\n');
      return show(dialogue.loginRefused('bad-credentials', detail, undefined));
    });
    expect(new Set(answers).size).toBe(1);
  });
});

describe('the end of a dialogue', () => {
  test.each([
    ['QUIT\r\nCAPA\r\n', '+OK Goodbye\r\n<close logged-out>'],
    [
      'GET / HTTP/1.1\r\nHost: x\r\n',
      '-ERR This is a POP3 server, not a web server\r\n<close http-client>',
    ],
    ['\x16\x03\x01\x02\x00\x01', '<close tls-to-plain-port>'],
    [`USER ${'x'.repeat(600)}\r\n`, '-ERR The line is too long\r\n<close line-too-long>'],
    ['x'.repeat(512), '-ERR The line is too long\r\n<close line-too-long>'],
    [`AUTH PLAIN ${'A'.repeat(5000)}`, '-ERR The line is too long\r\n<close line-too-long>'],
    [
      `AUTH PLAIN\r\n${'A'.repeat(5000)}`,
      '+ \r\n-ERR The line is too long\r\n<close line-too-long>',
    ],
    ['x\r\n'.repeat(9), `${'-ERR Unknown command\r\n'.repeat(5)}<close too-many-errors>`],
  ])('%j: %j', (text, answer) => {
    const isPlain = text.startsWith('\x16');
    const dialogue = open({ isEncrypted: !isPlain });
    expect(say(dialogue, text).endsWith(answer)).toBe(true);
    expect(say(dialogue, 'CAPA\r\n')).toBe('');
  });

  test('comes when too much is sent behind a login that is being verified', () => {
    const dialogue = open();
    say(dialogue, 'USER anna\r\nPASS secret\r\n');
    expect(say(dialogue, 'x'.repeat(1024))).toBe('');
    expect(say(dialogue, 'x')).toBe('-ERR Wait for the answer\r\n<close too-many-early-octets>');
    expect(dialogue.loginRefused('unavailable', undefined, undefined)).toEqual([]);
  });

  test('comes after so many commands, and bounds what they are answered', () => {
    const answer = say(open(), 'CAPA\r\n'.repeat(100_000));
    expect(answer).toMatch(/-ERR Too many commands without a login\r\n<close too-many-errors>$/);
    expect(answer.match(/\+OK /g)).toHaveLength(200);
    expect(answer.length).toBeLessThan(65_536);
  });

  test('comes by a megabyte without a line end, of which next to nothing is kept', () => {
    for (const before of ['', 'USER anna\r\n', 'AUTH PLAIN\r\n', 'LANG de\r\n', 'UTF8\r\n']) {
      const dialogue = open();
      say(dialogue, before);
      const piece = 'A'.repeat(1_000);
      let answer = '';
      let sentBytes = 0;
      while (answer === '' && sentBytes < 1_048_576) {
        answer = say(dialogue, piece);
        sentBytes += piece.length;
      }
      expect(answer).toMatch(/<close line-too-long>$/);
      expect(sentBytes).toBeLessThan(6_000);
    }
  });

  test('comes after too many refused logins', () => {
    const dialogue = open({ badCommandLimit: 2 });
    say(dialogue, 'USER a\r\nPASS b\r\n');
    expect(show(dialogue.loginRefused('bad-credentials', undefined, undefined))).not.toContain('<');
    say(dialogue, 'USER a\r\nPASS b\r\n');
    expect(show(dialogue.loginRefused('bad-credentials', undefined, undefined))).toContain(
      '<close too-many-errors>',
    );
  });

  test.each(['idle', 'limit', 'broken-client', 'switched-off', ...SESSION_END_REASONS] as const)(
    'by %s has one line of words',
    (reason) => {
      expect(open().farewell(reason)).toMatch(/^-ERR [ -~]+\r\n$/);
    },
  );

  test('has the reference of the greeting', () => {
    const dialogue = createPop3LoginDialogue(secure);
    dialogue.greet('7Q2M0XK9A4TB');
    expect(dialogue.farewell('draining')).toMatch(/^-ERR [^(]+ \(ref 7Q2M0XK9A4TB\)\r\n$/);
    expect(say(dialogue, 'GET / HTTP/1.1\r\n')).toMatch(
      /^-ERR [^(]+ \(ref 7Q2M0XK9A4TB\)\r\n<close http-client>$/,
    );
  });

  test.each<[string, Partial<Pop3LoginOptions>, string]>([
    ['USER anna', { isEncrypted: false }, '-ERR [SYS/PERM] This login needs TLS first'],
    ['AUTH PLAIN', { isEncrypted: false }, '-ERR [SYS/PERM] This login needs TLS first'],
    ['AUTH GSSAPI', {}, '-ERR Unknown mechanism'],
    ['USER anna', { offersUser: false }, '-ERR USER is not offered; see CAPA'],
  ])('has it, as has %s that is refused at once', (command, change, words) => {
    const dialogue = createPop3LoginDialogue({ ...secure, ...change });
    dialogue.greet('7Q2M0XK9A4TB');
    expect(say(dialogue, `${command}\r\n`)).toBe(`${words} (ref 7Q2M0XK9A4TB)\r\n`);
    expect(say(dialogue, 'STAT\r\n')).not.toContain('(ref');
  });

  test('is said to a session in the language that the client chose before', () => {
    const dialogue = open();
    say(dialogue, 'LANG de\r\n');
    const farewells = dialogue.sessionFarewells();
    expect(farewells('kicked')).toBe(
      '-ERR [SYS/TEMP] Ein Administrator hat diese Sitzung beendet\r\n',
    );
    expect(farewells('kicked', 'C2')).toBe(
      '-ERR [SYS/TEMP] Ein Administrator hat diese Sitzung beendet (ref C2)\r\n',
    );
  });
});

describe('every command before login', () => {
  const situations = [
    { isEncrypted: true },
    { isEncrypted: false },
    { isEncrypted: false, offersStls: false, loginType: 'PlainTextLogin' as const },
  ];
  test.each(
    POP3_COMMANDS.flatMap((row) =>
      ['', ' 1', ' 1 1'].flatMap((args) =>
        situations.map((change) => [row, args, change] as const),
      ),
    ),
  )('$0.name$1 is answered once, by the table ($2)', (row, args, change) => {
    const answer = say(open(change), `${row.name}${args}\r\n`);
    expect(answer).toMatch(/^(\+OK |-ERR |\+ )/);
    const isWrongState = answer === '-ERR Log in first\r\n';
    expect(isWrongState).toBe(!row.states.includes('authorization'));
  });
});

describe('createPop3LoginDialogue()', () => {
  const piece = fc.constantFrom(
    'CAPA\r\n',
    'LANG de\r\n',
    'UTF8\r\n',
    'USER anna\r\n',
    'PASS secret\r\n',
    'AUTH PLAIN\r\n',
    `AUTH PLAIN ${base64('\0a\0b')}\r\n`,
    `${base64('\0a\0b')}\r\n`,
    'AUTH LOGIN\r\n',
    '*\r\n',
    '=\r\n',
    'STLS\r\n',
    'QUIT\r\n',
    'GET / H',
    '\x16',
    '\x03',
    '\r\n',
    '\n',
    '\r',
    '\0',
    'x',
    ' ',
    '\xff',
    'A'.repeat(300),
  );

  /** Drives it as a front end does: refuses each login, starts TLS when asked to. */
  function drive(chunks: readonly string[], isEncrypted: boolean): string {
    const dialogue = open({ isEncrypted, badCommandLimit: 8, earlyBytes: 1_000_000 });
    let shown = '';
    for (const chunk of chunks) {
      let steps = dialogue.receive(Buffer.from(chunk, 'latin1'));
      for (;;) {
        shown += show(steps);
        const last = steps.at(-1);
        if (last?.kind === 'close') return shown;
        if (last?.kind === 'start-tls') return shown;
        if (last?.kind !== 'authenticate') break;
        steps = dialogue.loginRefused('bad-credentials', undefined, undefined);
      }
    }
    return shown;
  }

  test('says the same an octet at a time as at once, and never crashes', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), (pieces, isEncrypted) => {
        const text = pieces.join('');
        expect(drive(Array.from(text), isEncrypted)).toBe(drive([text], isEncrypted));
      }),
      { numRuns: 500 },
    );
  });
});
