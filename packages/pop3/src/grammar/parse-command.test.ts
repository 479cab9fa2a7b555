import { ByteQueue, takeLine } from '@homeward/wire';
import type { Line } from '@homeward/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCommand, POP3_COMMANDS } from './command-table.ts';
import type { Pop3Command, Pop3State } from './command.ts';
import { ENGLISH } from './texts/english.ts';
import { parseCommand } from './parse-command.ts';
import type { ParsedCommand } from './parse-command.ts';

function lineOf(text: string): Line {
  const queue = new ByteQueue();
  queue.push(Buffer.from(text, 'latin1'));
  const line = takeLine(queue, 100_000);
  if (typeof line === 'string') throw new Error(line);
  return line;
}

/** Parses in the one state where the command may stand. */
function parse(text: string): ParsedCommand {
  const first = parseCommand(lineOf(text), 'authorization', ENGLISH);
  return first.ok || first.problem !== 'wrong-state'
    ? first
    : parseCommand(lineOf(text), 'transaction', ENGLISH);
}

describe('parseCommand()', () => {
  const accepted: readonly [text: string, command: Pop3Command][] = [
    ['CAPA\r\n', { name: 'CAPA' }],
    ['capa \r\n', { name: 'CAPA' }],
    ['StLs\r\n', { name: 'STLS' }],
    ['USER anna\r\n', { name: 'USER', loginName: 'anna' }],
    ['USER anna bell@example.com\r\n', { name: 'USER', loginName: 'anna bell@example.com' }],
    ['USER \xc3\xa4\r\n', { name: 'USER', loginName: 'ä' }],
    ['USER dom\\anna\r\n', { name: 'USER', loginName: 'dom\\anna' }],
    // RFC 1939 §7: blanks are part of the password.
    ['PASS a b \r\n', { name: 'PASS', password: Buffer.from('a b ') }],
    ['PASS  x\r\n', { name: 'PASS', password: Buffer.from(' x') }],
    ['PASS \xe4\r\n', { name: 'PASS', password: Buffer.from([0xe4]) }],
    ['AUTH\r\n', { name: 'AUTH', mechanism: undefined, initialResponse: undefined }],
    ['AUTH PLAIN\r\n', { name: 'AUTH', mechanism: 'PLAIN', initialResponse: undefined }],
    ['AUTH plain =\r\n', { name: 'AUTH', mechanism: 'plain', initialResponse: '=' }],
    ['XCLIENT TTL=4\r\n', { name: 'XCLIENT', hopsLeft: 4 }],
    ['xclient ADDR=::1 PORT=5 ttl=0 \r\n', { name: 'XCLIENT', hopsLeft: 0 }],
    ['XCLIENT ADDR=192.0.2.7 TTL=1000\r\n', { name: 'XCLIENT', hopsLeft: undefined }],
    ['QUIT\r\n', { name: 'QUIT' }],
    ['STAT\r\n', { name: 'STAT' }],
    ['LIST\r\n', { name: 'LIST', message: undefined }],
    ['LIST \r\n', { name: 'LIST', message: undefined }],
    ['LIST 2\r\n', { name: 'LIST', message: 2 }],
    ['UIDL 0002 \r\n', { name: 'UIDL', message: 2 }],
    ['RETR 4294967295\r\n', { name: 'RETR', message: 4_294_967_295 }],
    ['TOP 1 0\r\n', { name: 'TOP', message: 1, lineCount: 0 }],
    ['top  1  10\r\n', { name: 'TOP', message: 1, lineCount: 10 }],
    ['DELE 1\r\n', { name: 'DELE', message: 1 }],
    ['NOOP\r\n', { name: 'NOOP' }],
    ['RSET\r\n', { name: 'RSET' }],
  ];
  test.each(accepted)('takes %j', (text, command) => {
    expect(parse(text)).toEqual({ ok: true, command });
  });

  test.each([
    ['\r\n', 'unknown-command'],
    [' CAPA\r\n', 'unknown-command'],
    ['CAPABILITY\r\n', 'unknown-command'],
    // RFC 1460 had it, RFC 1939 has not.
    ['LAST\r\n', 'unknown-command'],
    ['APOP anna 0123456789abcdef0123456789abcdef\r\n', 'unknown-command'],
    ['constructor\r\n', 'unknown-command'],
    ['__proto__\r\n', 'unknown-command'],
    ['CAPA\t\r\n', 'unknown-command'],
    ['CAPA x\r\n', 'bad-arguments'],
    ['USER\r\n', 'bad-arguments'],
    ['USER \r\n', 'bad-arguments'],
    ['USER \xe4\r\n', 'bad-arguments'],
    ['PASS\r\n', 'bad-arguments'],
    ['PASS \r\n', 'bad-arguments'],
    ['AUTH PLAIN a b\r\n', 'bad-arguments'],
    ['AUTH PLAIN:\r\n', 'bad-arguments'],
    ['AUTH AAAAAAAAAAAAAAAAAAAAA\r\n', 'bad-arguments'],
    ['STAT 1\r\n', 'bad-arguments'],
    ['LIST 0\r\n', 'bad-arguments'],
    ['LIST 1 2\r\n', 'bad-arguments'],
    ['LIST -1\r\n', 'bad-arguments'],
    ['UIDL 1.5\r\n', 'bad-arguments'],
    ['UIDL 0x1\r\n', 'bad-arguments'],
    ['RETR\r\n', 'bad-arguments'],
    ['RETR \xb9\r\n', 'bad-arguments'],
    ['RETR 12345678901\r\n', 'bad-arguments'],
    ['DELE 1 2\r\n', 'bad-arguments'],
    ['TOP 1\r\n', 'bad-arguments'],
    ['TOP 1 -1\r\n', 'bad-arguments'],
    ['TOP 0 1\r\n', 'bad-arguments'],
    ['TOP 1 1 1\r\n', 'bad-arguments'],
    ['TOP 1 1234567890123456\r\n', 'bad-arguments'],
    ['XCLIENT TTL\r\n', 'bad-arguments'],
    ['XCLIENT =4\r\n', 'bad-arguments'],
    ['XCLIENT TTL=\xb9\r\n', 'bad-arguments'],
    ['NOOP\n', 'bad-line'],
    ['NO\rOP\r\n', 'bad-line'],
    ['NOOP\r\r\n', 'bad-line'],
    ['NOOP\0\r\n', 'bad-line'],
  ])('rejects %j: %s', (text, problem) => {
    expect(parse(text)).toMatchObject({ ok: false, problem });
  });

  const states: readonly Pop3State[] = ['authorization', 'transaction'];
  test.each(POP3_COMMANDS.flatMap((row) => states.map((state) => [row, state] as const)))(
    'answers $0.name by the table when in state $1',
    (row, state) => {
      const parsed = parseCommand(lineOf(`${row.name} 1 1\r\n`), state, ENGLISH);
      const isWrongState = !parsed.ok && parsed.problem === 'wrong-state';
      expect(isWrongState).toBe(!row.states.includes(state));
    },
  );

  test('gives back what formatCommand() wrote', () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(parse(formatCommand(command))).toEqual({ ok: true, command });
      }),
      { numRuns: 500 },
    );
  });

  test('never crashes, and says one line of ASCII', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.string({ unit: fc.constantFrom('LIST', 'TOP', 'AUTH', ' ', '1', '\0', '\r', '0', '=') }),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...states), (line, state) => {
        const parsed = parseCommand(lineOf(`${line.replaceAll('\n', '')}\r\n`), state, ENGLISH);
        if (!parsed.ok) expect(parsed.text).toMatch(/^[ -~]+$/);
      }),
      { numRuns: 500 },
    );
  });
});

const messageNumber = fc.integer({ min: 1, max: 4_294_967_295 });
const optionalNumber = fc.option(messageNumber, { nil: undefined });
const anyCommand: fc.Arbitrary<Pop3Command> = fc.oneof(
  fc
    .constantFrom('CAPA' as const, 'STLS', 'UTF8', 'QUIT', 'STAT', 'NOOP', 'RSET')
    .map((name): Pop3Command => ({ name })),
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 30 })
    .filter((name) => name.isWellFormed() && name.trim() !== '' && !/[\0\r\n]/.test(name))
    .map((loginName): Pop3Command => ({ name: 'USER', loginName })),
  fc
    .uint8Array({ minLength: 1, maxLength: 30 })
    .filter((octets) => ![0, 10, 13].some((octet) => octets.includes(octet)))
    .map((octets): Pop3Command => ({ name: 'PASS', password: Buffer.from(octets) })),
  fc
    .record({
      mechanism: fc.stringMatching(/^[A-Z0-9_-]{1,20}$/),
      initialResponse: fc.option(fc.stringMatching(/^([A-Za-z0-9+/]{1,8}={0,2}|=)$/), {
        nil: undefined,
      }),
    })
    .map((auth): Pop3Command => ({ name: 'AUTH', ...auth })),
  fc
    .option(fc.stringMatching(/^(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,3})$/), { nil: undefined })
    .map((range): Pop3Command => ({ name: 'LANG', range })),
  fc
    .option(fc.nat(999), { nil: undefined })
    .map((hopsLeft): Pop3Command => ({ name: 'XCLIENT', hopsLeft })),
  optionalNumber.map((message): Pop3Command => ({ name: 'LIST', message })),
  optionalNumber.map((message): Pop3Command => ({ name: 'UIDL', message })),
  messageNumber.map((message): Pop3Command => ({ name: 'RETR', message })),
  messageNumber.map((message): Pop3Command => ({ name: 'DELE', message })),
  fc
    .record({ message: messageNumber, lineCount: fc.nat(1_000_000) })
    .map((top): Pop3Command => ({ name: 'TOP', ...top })),
);
