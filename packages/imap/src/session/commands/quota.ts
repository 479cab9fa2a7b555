/** GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208 §4.1). */
import type { CommandOf } from '../../grammar/command.ts';
import { formatAstring, formatString } from '../../grammar/responses/strings.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import type { QuotaRoot, QuotaUsage } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

/** STORAGE counts in units of so many octets (RFC 9208 §5.1). */
const STORAGE_UNIT_BYTES = 1024;

export async function runGetQuota(
  context: SessionContext,
  { root }: CommandOf<'getquota'>,
): Promise<CommandResult> {
  const found = await context.mailbox.findQuotaRoot(root);
  if (found === undefined) return no('[NONEXISTENT] There is no such quota root');
  tellQuota(context, found);
  return ok('GETQUOTA completed');
}

export async function runGetQuotaRoot(
  context: SessionContext,
  { mailbox }: CommandOf<'getquotaroot'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.quotaRootOf(mailbox);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const root = outcome.value;
  context.writer.untagged(`QUOTAROOT ${context.formatMailbox(mailbox)} ${formatRoot(root)}`);
  tellQuota(context, root);
  return ok('GETQUOTAROOT completed');
}

/** QUOTASET is not offered: operators set quotas, by their own commands. */
export async function runSetQuota(): Promise<CommandResult> {
  return no('[NOPERM] Quotas are set by the administrator');
}

function tellQuota(context: SessionContext, root: QuotaRoot): void {
  const { storageBytes, messages } = root;
  const resources = [
    formatResource('STORAGE', storageBytes, STORAGE_UNIT_BYTES),
    formatResource('MESSAGE', messages, 1),
  ].filter((text) => text !== undefined);
  context.writer.untagged(`QUOTA ${formatRoot(root)} (${resources.join(' ')})`);
}

/** What is not limited is not named (RFC 9208 §4.2.1). */
function formatResource(
  name: string,
  { used, limit }: QuotaUsage,
  unit: number,
): string | undefined {
  if (limit === undefined) return undefined;
  return `${name} ${Math.ceil(used / unit)} ${Math.floor(limit / unit)}`;
}

function formatRoot({ name }: QuotaRoot): string {
  return name === '' ? formatString(name) : formatAstring(Buffer.from(name).toString('latin1'));
}
