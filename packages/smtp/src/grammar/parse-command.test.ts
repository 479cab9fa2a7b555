import { ByteQueue, takeLine } from '@homeward/wire';
import type { Line } from '@homeward/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem } from './command-problem.ts';
import { formatCommand, SMTP_COMMANDS } from './command-table.ts';
import type { SmtpCommand } from './command.ts';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from './parameters.ts';
import type { NotifyOccasion } from './parameters.ts';
import { parseCommand, type ParsedCommand } from './parse-command.ts';

function lineOf(octets: string): Line {
  const queue = new ByteQueue();
  queue.push(Buffer.from(octets, 'latin1'));
  const line = takeLine(queue, 100_000);
  if (typeof line === 'string') throw new Error(line);
  return line;
}

const parse = (text: string): ParsedCommand =>
  parseCommand(lineOf(Buffer.from(`${text}\r\n`, 'utf8').toString('latin1')));

const anna = { localPart: 'anna', domain: 'example.org', isUtf8: false };

describe('parseCommand()', () => {
  const accepted: readonly [text: string, command: SmtpCommand][] = [
    ['EHLO client.example.org', { name: 'EHLO', clientName: 'client.example.org' }],
    ['ehlo [192.0.2.7]', { name: 'EHLO', clientName: '[192.0.2.7]' }],
    ['HELO my_phone ', { name: 'HELO', clientName: 'my_phone' }],
    ['LHLO mx.example.org', { name: 'LHLO', clientName: 'mx.example.org' }],
    ['StartTLS', { name: 'STARTTLS' }],
    ['AUTH PLAIN', { name: 'AUTH', mechanism: 'PLAIN', initialResponse: undefined }],
    ['auth plain AGE=', { name: 'AUTH', mechanism: 'plain', initialResponse: 'AGE=' }],
    ['AUTH XOAUTH2 =', { name: 'AUTH', mechanism: 'XOAUTH2', initialResponse: '=' }],
    ['XCLIENT TTL=4', { name: 'XCLIENT', hopsLeft: 4 }],
    ['xclient ADDR=IPV6:::1 ttl=0 ', { name: 'XCLIENT', hopsLeft: 0 }],
    ['XCLIENT ADDR=1.2.3.4 TTL=1000', { name: 'XCLIENT', hopsLeft: undefined }],
    ['DATA', { name: 'DATA' }],
    ['BDAT 0 LAST', { name: 'BDAT', octetCount: 0, isLast: true }],
    ['bdat 1000', { name: 'BDAT', octetCount: 1000, isLast: false }],
    ['RSET', { name: 'RSET' }],
    ['NOOP are you there', { name: 'NOOP' }],
    ['QUIT ', { name: 'QUIT' }],
    ['VRFY anna', { name: 'VRFY' }],
    ['EXPN staff', { name: 'EXPN' }],
    ['HELP MAIL', { name: 'HELP' }],
  ];
  test.each(accepted)('takes %j', (text, command) => {
    expect(parse(text)).toEqual({ ok: true, command });
  });

  const mail: readonly [text: string, command: Partial<SmtpCommand>][] = [
    ['MAIL FROM:<anna@example.org>', { sender: anna }],
    // RFC 5321 §3.3 forbids the blank; many clients send it.
    ['MAIL FROM: <anna@EXAMPLE.org>', { sender: anna }],
    ['MAIL FROM:<>', { sender: undefined }],
    // RFC 5321 §4.1.2: a source route is accepted and ignored.
    ['MAIL FROM:<@a.example,@b.example:anna@example.org>', { sender: anna }],
    ['MAIL FROM:<"anna bell"@example.org>', { sender: { ...anna, localPart: 'anna bell' } }],
    [String.raw`MAIL FROM:<"a\>\"b"@example.org>`, { sender: { ...anna, localPart: 'a>"b' } }],
    // The shortest form of one mailbox is the mailbox.
    ['MAIL FROM:<"anna"@example.org>', { sender: anna }],
    ['MAIL FROM:<anna@[192.0.2.1]>', { sender: { ...anna, domain: '[192.0.2.1]' } }],
    ['MAIL FROM:<anna@[IPv6:2001:db8::1]>', { sender: { ...anna, domain: '[ipv6:2001:db8::1]' } }],
    [
      'MAIL FROM:<änna@exämple.org> SMTPUTF8 BODY=8BITMIME',
      {
        sender: { localPart: 'änna', domain: 'exämple.org', isUtf8: true },
        parameters: { ...NO_MAIL_PARAMETERS, isUtf8: true, body: '8BITMIME' },
      },
    ],
    [
      'MAIL FROM:<anna@example.org> size=1000 RET=hdrs ENVID=a+2Bb AUTH=<>',
      {
        sender: anna,
        parameters: { ...NO_MAIL_PARAMETERS, sizeBytes: 1000, returned: 'HDRS', envelopeId: 'a+b' },
      },
    ],
  ];
  test.each(mail)('takes %j', (text, command) => {
    expect(parse(text)).toMatchObject({ ok: true, command: { name: 'MAIL', ...command } });
  });

  const recipients: readonly [text: string, command: Partial<SmtpCommand>][] = [
    ['RCPT TO:<anna@example.org>', { recipient: anna, parameters: NO_RECIPIENT_PARAMETERS }],
    // RFC 5321 §4.5.1.
    [
      'RCPT TO:<Postmaster>',
      { recipient: { localPart: 'Postmaster', domain: undefined, isUtf8: false } },
    ],
    [
      'RCPT TO:<anna@example.org> NOTIFY=NEVER',
      { parameters: { ...NO_RECIPIENT_PARAMETERS, notify: [] } },
    ],
    [
      'RCPT TO:<anna@example.org> NOTIFY=delay,success ORCPT=rfc822;bob+40example.net',
      {
        parameters: {
          notify: ['SUCCESS', 'DELAY'],
          originalRecipient: { type: 'rfc822', address: 'bob@example.net' },
        },
      },
    ],
  ];
  test.each(recipients)('takes %j', (text, command) => {
    expect(parse(text)).toMatchObject({ ok: true, command: { name: 'RCPT', ...command } });
  });

  test.each([
    ['', 'unknown-command'],
    ['XFORWARD ADDR=1.2.3.4', 'unknown-command'],
    ['XCLIENT TTL', 'bad-arguments'],
    ['XCLIENT =4', 'bad-arguments'],
    ['XCLIENT TTL=é', 'bad-arguments'],
    [' NOOP', 'unknown-command'],
    ['EHLO', 'bad-arguments'],
    ['EHLO a b', 'bad-arguments'],
    [`EHLO ${'x'.repeat(256)}`, 'bad-arguments'],
    ['STARTTLS now', 'bad-arguments'],
    ['AUTH', 'bad-arguments'],
    ['AUTH PLAIN a b', 'bad-arguments'],
    ['AUTH PL@IN', 'bad-arguments'],
    ['DATA now', 'bad-arguments'],
    ['BDAT', 'bad-arguments'],
    ['BDAT -1', 'bad-arguments'],
    ['BDAT 1 FIRST', 'bad-arguments'],
    ['BDAT 9999999999999999', 'bad-arguments'],
    ['RSET now', 'bad-arguments'],
    ['MAIL', 'bad-arguments'],
    ['MAIL TO:<anna@example.org>', 'bad-arguments'],
    ['MAIL FROM:anna@example.org', 'bad-arguments'],
    ['MAIL FROM:<anna>', 'bad-sender'],
    ['MAIL FROM:<anna@>', 'bad-sender'],
    ['MAIL FROM:<anna@example..org>', 'bad-sender'],
    ['MAIL FROM:<anna@-example.org>', 'bad-sender'],
    ['MAIL FROM:<anna@exam ple.org>', 'bad-sender'],
    ['MAIL FROM:<anna@example.org', 'bad-sender'],
    ['MAIL FROM:<an na@example.org>', 'bad-sender'],
    ['MAIL FROM:<.anna@example.org>', 'bad-sender'],
    ['MAIL FROM:<""@example.org>', 'bad-sender'],
    ['MAIL FROM:<a@b.example:anna@example.org>', 'bad-sender'],
    [`MAIL FROM:<${'a'.repeat(65)}@example.org>`, 'bad-sender'],
    [`MAIL FROM:<anna@${'a'.repeat(64)}.org>`, 'bad-sender'],
    [`MAIL FROM:<anna@${'a.'.repeat(130)}org>`, 'bad-sender'],
    // RFC 6531 §3.4.
    ['MAIL FROM:<änna@example.org>', 'bad-sender'],
    ['MAIL FROM:<anna@example.org>SIZE=1', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> SIZE', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> SIZE=-1', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> SIZE=1 SIZE=2', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> BODY=9BIT', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> SMTPUTF8=1', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> RET=ALL', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> ENVID=a+0D+0Ab', 'bad-arguments'],
    ['MAIL FROM:<anna@example.org> XFOO=1', 'unknown-parameter'],
    ['RCPT TO:<>', 'bad-recipient'],
    ['RCPT TO:<anna>', 'bad-recipient'],
    ['RCPT TO:<anna@example.org> NOTIFY=', 'bad-arguments'],
    ['RCPT TO:<anna@example.org> NOTIFY=NEVER,SUCCESS', 'bad-arguments'],
    ['RCPT TO:<anna@example.org> NOTIFY=SUCCESS,SUCCESS', 'bad-arguments'],
    ['RCPT TO:<anna@example.org> ORCPT=rfc822', 'bad-arguments'],
    ['RCPT TO:<anna@example.org> ORCPT=rfc822;a+0Ab', 'bad-arguments'],
    ['RCPT TO:<anna@example.org> SIZE=1', 'unknown-parameter'],
  ])('refuses %j: %s', (text, problem) => {
    expect(parse(text)).toMatchObject({ ok: false, problem });
  });

  test.each(['NOOP\n', 'NO\rOP\r\n', 'NO\0OP\r\n', 'NOOP \xff\r\n'])(
    'refuses the line %j, whatever it says',
    (octets) => {
      expect(parseCommand(lineOf(octets))).toMatchObject({ ok: false, problem: 'bad-line' });
    },
  );

  test.each([
    ['EHLO phone\u009b31m', 'a C1 control, which terminals obey'],
    ['MAIL FROM:<anna\u0085@example.org> SMTPUTF8', 'NEL'],
    ['RCPT TO:<b\u2028c@example.org>', 'a line separator'],
    ['RCPT TO:<moc.elpmaxe@\u202eanna.org>', 'an override of direction'],
    ['RCPT TO:<anna@a\u2066b.org>', 'an isolate'],
  ])('refuses %j: %s', (text) => {
    expect(parse(text)).toMatchObject({ ok: false, problem: 'bad-line' });
  });

  test('reads what formatCommand() writes', () => {
    const path = fc.record({
      localPart: fc.stringMatching(/^[ -~]{1,40}$/u),
      domain: fc.constantFrom('example.org', '[192.0.2.1]'),
      isUtf8: fc.constant(false),
    });
    const word = fc.stringMatching(/^[ -~ä€]{1,30}$/u);
    const command = fc.oneof(
      fc.record({
        name: fc.constant('MAIL' as const),
        sender: fc.option(path, { nil: undefined }),
        parameters: fc.record({
          sizeBytes: fc.option(fc.nat(), { nil: undefined }),
          body: fc.constantFrom('7BIT', '8BITMIME', 'BINARYMIME', undefined),
          isUtf8: fc.boolean(),
          returned: fc.constantFrom('FULL', 'HDRS', undefined),
          envelopeId: fc.option(word, { nil: undefined }),
        }),
      }),
      fc.record({
        name: fc.constant('RCPT' as const),
        recipient: path,
        parameters: fc.record({
          notify: fc.option(fc.subarray<NotifyOccasion>(['SUCCESS', 'FAILURE', 'DELAY']), {
            nil: undefined,
          }),
          originalRecipient: fc.option(fc.record({ type: fc.constant('rfc822'), address: word }), {
            nil: undefined,
          }),
        }),
      }),
      fc.record({
        name: fc.constant('XCLIENT' as const),
        hopsLeft: fc.option(fc.nat(999), { nil: undefined }),
      }),
      fc.record({ name: fc.constant('BDAT' as const), octetCount: fc.nat(), isLast: fc.boolean() }),
    );
    fc.assert(
      fc.property(command, (value) => {
        expect(parseCommand(lineOf(formatCommand(value)))).toEqual({ ok: true, command: value });
      }),
    );
  });

  test('ends for any octets, and says what is wrong in one line', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 200 }),
      fc
        .tuple(
          fc.constantFrom(...SMTP_COMMANDS.map(({ name }) => name)),
          fc.string({ maxLength: 300 }),
        )
        .map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(line, (text) => {
        const parsed = parse(text.replaceAll('\n', ''));
        if (!parsed.ok) expect(formatProblem(parsed)).toMatch(/^5\d\d 5\.\d\.\d [ -~]+\r\n$/u);
      }),
    );
  });
});
