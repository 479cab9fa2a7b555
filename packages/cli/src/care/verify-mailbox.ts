/** `homeward mailbox verify`. */
import type { VerifyFacts } from '@homeward/backend/care';
import type { AccountRecord } from '@homeward/directory';
import { unknownAccount } from '../accounts/account-view.ts';
import { eachAccount } from '../accounts/each-account.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { startProgress } from '../output/progress-bar.ts';
import { getSite } from '../sites/get-site.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { type CareOptions, openCareDesk, valueOf } from './care-door.ts';

export interface VerifyOptions extends OperatorOptions, CareOptions {
  readonly site?: string;
  readonly repair?: boolean;
}

/** One mailbox; a contract with scripts. */
interface VerifiedMailbox {
  readonly account: string;
  /** False: nobody has opened it yet. */
  readonly exists: boolean;
  readonly messageCount: number;
  readonly findingCount: number;
  readonly findings: VerifyFacts['findings'];
}

/** Findings of each kind that people are shown. */
const SHOWN = 5;

/** @throws OperatorError if a site is away, or a mailbox cannot be had. */
export async function verifyMailboxes(
  context: CommandContext,
  which: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const accounts = await choose(deployment, which, options);
  const { console } = context;
  const label = options.repair === true ? 'repairing' : 'verifying';
  const progress = startProgress(console, { label, total: accounts.length, unit: 'mailboxes' });
  const verified: VerifiedMailbox[] = [];
  try {
    for (const account of accounts) {
      verified.push(await verify(deployment, account, options));
      progress.advance(1);
    }
  } finally {
    progress.stop();
  }
  printResult(context, options, verified, () => verified.map(formatMailbox).join('\n'));
  const isAllWell = verified.every(({ findingCount, findings }) =>
    findingCount === 0 ? true : findings.every(({ isMended }) => isMended),
  );
  if (!isAllWell) console.exitCode = EXIT_CODES.refused;
}

async function choose(
  { accounts, driver }: Deployment,
  which: string | undefined,
  { site }: VerifyOptions,
): Promise<readonly AccountRecord[]> {
  if (which !== undefined && site === undefined) {
    const account = await accounts.find(which);
    if (account === undefined) throw unknownAccount(which);
    return [account];
  }
  if (which !== undefined || site === undefined) {
    throw new OperatorError('give an account, or a site by --site', EXIT_CODES.usage);
  }
  await getSite(driver, site);
  const found: AccountRecord[] = [];
  for await (const account of eachAccount(driver)) if (account.home === site) found.push(account);
  if (found.length > 0) return found;
  throw new OperatorError(`there is no account at site ${site}`, EXIT_CODES.refused);
}

async function verify(
  deployment: Deployment,
  { id, address, home, epoch }: AccountRecord,
  options: VerifyOptions,
): Promise<VerifiedMailbox> {
  const desk = await openCareDesk(deployment, home, id, options);
  const mends = options.repair === true;
  const answer = await desk.run({ kind: 'verify', accountId: id, mends, epoch });
  if (!answer.ok && answer.reason === 'nonexistent') {
    return { account: address, exists: false, messageCount: 0, findingCount: 0, findings: [] };
  }
  const facts = valueOf(answer, `${address} cannot be ${mends ? 'repaired' : 'verified'}`);
  const { messageCount, findingCount, findings } = facts;
  return { account: address, exists: true, messageCount, findingCount, findings };
}

function formatMailbox({
  account,
  exists,
  messageCount,
  findingCount,
  findings,
}: VerifiedMailbox): string {
  if (!exists) return `${account}: nobody has opened it yet`;
  if (findingCount === 0) return `${account}: ${messageCount} message(s), all is well`;
  const mended = findings.filter(({ isMended }) => isMended).length;
  const kinds = Map.groupBy(findings, ({ kind }) => kind);
  return [
    `${account}: ${messageCount} message(s), ${findingCount} thing(s) wrong, ${mended} mended`,
    ...[...kinds].map(([kind, some]) => {
      const shown = some.slice(0, SHOWN).map(({ subject }) => subject);
      const more = some.length > SHOWN ? [`${some.length - SHOWN} more`] : [];
      return `  ${kind}: ${[...shown, ...more].join(', ')}`;
    }),
  ].join('\n');
}
