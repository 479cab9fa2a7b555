import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listCapabilities } from './capabilities.ts';
import { formatChallenge, formatErr, formatLines, formatOk, parseServerLine } from './response.ts';

describe('formatErr()', () => {
  test.each([
    [undefined, 'No', '-ERR No\r\n'],
    ['SYS/TEMP' as const, 'Later', '-ERR [SYS/TEMP] Later\r\n'],
    [undefined, 'two\r\nlines\0', '-ERR two??lines?\r\n'],
  ])('writes %s %j', (code, text, line) => {
    expect(formatErr(code, text)).toBe(line);
  });

  test.each(['x', 'é', '漢', '🙂', 'é漢🙂x'])(
    'keeps to 512 octets, and to whole characters (%s)',
    (text) => {
      for (const before of ['', 'a', 'ab', 'abc']) {
        const line = formatErr('AUTH', before + text.repeat(1000));
        expect(line.length).toBeLessThanOrEqual(512);
        expect(line.length).toBeGreaterThan(512 - 4);
        const octets = Buffer.from(line, 'latin1');
        expect(Buffer.from(octets.toString())).toEqual(octets);
      }
    },
  );

  test('writes what is not ASCII as UTF-8', () => {
    expect(formatErr(undefined, 'gelöscht')).toBe(
      Buffer.from('-ERR gelöscht\r\n').toString('latin1'),
    );
  });

  test.each(['a\u2028b', 'a\u0085b', 'ä\r\n.\r\n', 'ä\ud800'])('lets no %j end a line', (text) => {
    const line = Buffer.from(formatErr(undefined, text), 'latin1').toString();
    expect(line).toMatch(/^[^\p{Cc}\u2028]+\r\n$/u);
  });
});

describe('parseServerLine()', () => {
  test.each([
    ['+OK', { kind: 'ok', text: '' }],
    ['+OK 3 messages', { kind: 'ok', text: '3 messages' }],
    ['-ERR', { kind: 'err', code: undefined, text: '' }],
    ['-ERR no', { kind: 'err', code: undefined, text: 'no' }],
    ['-ERR [IN-USE] busy', { kind: 'err', code: 'IN-USE', text: 'busy' }],
    ['-ERR [sys/temp] busy', { kind: 'err', code: 'SYS/TEMP', text: 'busy' }],
    ['-ERR [LOGIN-DELAY]', { kind: 'err', code: 'LOGIN-DELAY', text: '' }],
    ['-ERR [] x', { kind: 'err', code: undefined, text: '[] x' }],
    ['-ERR [a//b] x', { kind: 'err', code: undefined, text: '[a//b] x' }],
    ['+ ', { kind: 'challenge', base64: '' }],
    ['+', { kind: 'challenge', base64: '' }],
    ['+ Zm9v', { kind: 'challenge', base64: 'Zm9v' }],
  ])('reads %j', (line, expected) => {
    expect(parseServerLine(line)).toEqual(expected);
  });

  test.each(['', ' +OK', '+OKAY', 'OK', '-ERROR x', '* OK IMAP', '220 smtp', '+ok x'])(
    'rejects %j',
    (line) => {
      expect(parseServerLine(line)).toBe(undefined);
    },
  );

  test('reads back what was written', () => {
    const text = fc.stringMatching(/^[A-Za-z][ -~]{0,40}$/);
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 60 }), (words, octets) => {
        expect(parseServerLine(formatOk(words).slice(0, -2))).toEqual({ kind: 'ok', text: words });
        expect(parseServerLine(formatErr('IN-USE', words).slice(0, -2))).toEqual({
          kind: 'err',
          code: 'IN-USE',
          text: words,
        });
        const challenge = parseServerLine(formatChallenge(octets).slice(0, -2));
        const base64 = Buffer.from(octets).toString('base64');
        expect(challenge).toEqual({ kind: 'challenge', base64 });
      }),
    );
  });
});

describe('listCapabilities()', () => {
  const policy = { loginDelaySeconds: 0, expireDays: 'never' } as const;

  test('tells what the connection allows, and no version', () => {
    const lines = listCapabilities({ stls: true, user: false, mechanisms: [] }, policy);
    expect(formatLines('List follows', lines)).toBe(
      '+OK List follows\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nUTF8 USER\r\nLANG\r\nSTLS\r\n' +
        'EXPIRE NEVER\r\nIMPLEMENTATION Homeward\r\n.\r\n',
    );
    const afterTls = listCapabilities(
      { stls: false, user: true, mechanisms: ['PLAIN', 'LOGIN'] },
      policy,
    );
    expect(afterTls).toContain('USER');
    expect(afterTls).toContain('SASL PLAIN LOGIN');
    expect(afterTls).not.toContain('STLS');
  });

  test.each([
    [0, 'never' as const, ['EXPIRE NEVER']],
    [0, 0, ['EXPIRE 0']],
    [60, 30, ['EXPIRE 30', 'LOGIN-DELAY 60']],
  ])('tells the site’s policy (%s, %s: RFC 2449 §6.5, §6.7)', (seconds, expireDays, expected) => {
    const login = { stls: false, user: true, mechanisms: [] };
    const lines = listCapabilities(login, { loginDelaySeconds: seconds, expireDays });
    expect(lines.filter((line) => /^(EXPIRE|LOGIN-DELAY)/.test(line))).toEqual(expected);
  });
});
