/**
 * `npm run bench -- mail`: mail on its way into mailboxes, our back end beside Postfix that
 * delivers into Dovecot by LMTP, on this machine in one run, by the same client, without TLS where
 * both have it. Answers are checked, and mailboxes afterwards.
 *
 *     npm run bench -- mail --quick
 *     npm run bench -- mail --only '^submission'
 */
import { parseArgs } from 'node:util';
import { dotMessage } from '../src/load/smtp-load.ts';
import { createCorpus } from './backend/mail-corpus.ts';
import { startHomewardTarget } from './mail/homeward-target.ts';
import { MAIL_ROWS, type MailRow } from './mail/mail-rows.ts';
import { formatMailHeading, formatMailRow } from './mail/mail-report.ts';
import type { MailTarget } from './mail/mail-target.ts';
import { type MailLoad, type MailSample, measureMail } from './mail/measure-mail.ts';
import { hasPostfix, HOW_TO_GET_POSTFIX, startPostfixTarget } from './mail/postfix-target.ts';

const USAGE = `npm run bench -- mail [OPTIONS]: submission and LMTP beside Postfix and Dovecot, in one run

  --quick          a fifth of the mail, one round behind the first
  --only PATTERN   only rows whose id matches, a regular expression: --only '^submission'
  --no-peer        without Postfix and Dovecot
  --help           this

Exit status 1: an answer was wrong, or a message is missing. Goals that are missed are not errors.
`;

const FULL = { messageCount: 1_000, recipientCount: 1_000, roundCount: 5 };
const QUICK = { messageCount: 200, recipientCount: 200, roundCount: 1 };
const CLIENT_COUNT = 8;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'no-peer': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) process.stdout.write(USAGE);
else await runBench();

async function runBench(): Promise<void> {
  const { messageCount, recipientCount, roundCount } = options.quick ? QUICK : FULL;
  const messages = createCorpus(messageCount).map(dotMessage);
  const load: MailLoad = { messages, clientCount: CLIENT_COUNT, recipientCount };
  const only = new RegExp(options.only, 'u');
  await using stack = new AsyncDisposableStack();
  const targets: MailTarget[] = [stack.use(await startHomewardTarget(recipientCount))];
  if (!options['no-peer']) {
    if (hasPostfix()) targets.push(stack.use(await startPostfixTarget(recipientCount)));
    else process.stderr.write(`${HOW_TO_GET_POSTFIX}\n`);
  }
  print(formatMailHeading(targets.map(({ name }) => name)));
  for (const row of MAIL_ROWS.filter(({ id }) => only.test(id))) {
    print(formatMailRow(row.title(load), await measureRow(row, targets, load, roundCount)));
  }
}

/** The first round is not counted: caches are cold, code is not yet compiled. */
async function measureRow(
  row: MailRow,
  targets: readonly MailTarget[],
  load: MailLoad,
  roundCount: number,
): Promise<ReadonlyMap<string, readonly MailSample[]>> {
  const samples = new Map<string, MailSample[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round <= roundCount; round += 1) {
    // The other way round each time: nobody always comes after the same one.
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      const sample = await measureMail(target, row.plan(target, load));
      if (round > 0) samples.get(target.name)?.push(sample);
    }
  }
  return samples;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
