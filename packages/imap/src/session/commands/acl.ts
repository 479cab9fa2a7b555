/** GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314 §3). */
import type { CommandOf } from '../../grammar/command.ts';
import { formatAstring } from '../../grammar/responses/strings.ts';
import { ALL_RIGHTS, changeRights, formatRights } from '../access/rights.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { AccessList } from '../ports.ts';
import type { SessionContext } from '../session-context.ts';

export async function runMyRights(
  context: SessionContext,
  { mailbox }: CommandOf<'myrights'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.rightsOf(mailbox);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  context.writer.untagged(formatMyRights(context, mailbox, outcome.value));
  return ok('MYRIGHTS completed');
}

/** MYRIGHTS response (RFC 4314 §3.8), also beside LIST (RFC 8440 §3). */
export function formatMyRights(context: SessionContext, mailbox: string, rights: string): string {
  return `MYRIGHTS ${context.formatMailbox(mailbox)} ${formatRights(rights)}`;
}

export async function runGetAcl(
  context: SessionContext,
  { mailbox }: CommandOf<'getacl'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.readAccessList(mailbox);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const { owner, rights } = outcome.value;
  const pairs = [[owner, ALL_RIGHTS] as const, ...rights].map(
    ([identifier, letters]) =>
      `${formatIdentifier(identifier)} ${formatAstring(formatRights(letters))}`,
  );
  context.writer.untagged(`ACL ${context.formatMailbox(mailbox)} ${pairs.join(' ')}`);
  return ok('GETACL completed');
}

/** Each right can be given by itself, to anybody but the owner, who has them all. */
export async function runListRights(
  context: SessionContext,
  { mailbox, identifier }: CommandOf<'listrights'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.readAccessList(mailbox);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const canonical = await context.mailbox.canonicalIdentifier(identifier);
  const isOwner = canonical.ok && canonical.value === outcome.value.owner;
  const rights = isOwner
    ? formatRights(ALL_RIGHTS)
    : `"" ${formatRights(ALL_RIGHTS).split('').join(' ')}`;
  const names = `${context.formatMailbox(mailbox)} ${formatIdentifier(identifier)}`;
  context.writer.untagged(`LISTRIGHTS ${names} ${rights}`);
  return ok('LISTRIGHTS completed');
}

export async function runSetAcl(
  context: SessionContext,
  command: CommandOf<'setacl'>,
): Promise<CommandResult> {
  const { mailbox, change, rights } = command;
  const listed = await context.mailbox.readAccessList(mailbox);
  if (!listed.ok) return no(refusalText(listed.reason));
  const identifier = await findChangeable(context, command.identifier, listed.value);
  if (typeof identifier !== 'string') return identifier;
  const after = changeRights(listed.value.rights.get(identifier) ?? '', change, rights);
  // RFC 4314 §3.1: an entry without rights is kept by nobody's wish; it says what none says.
  const kept = after === '' ? undefined : after;
  const outcome = await context.mailbox.setAccess(mailbox, identifier, kept);
  return outcome.ok ? ok('SETACL completed') : no(refusalText(outcome.reason));
}

export async function runDeleteAcl(
  context: SessionContext,
  command: CommandOf<'deleteacl'>,
): Promise<CommandResult> {
  const { mailbox } = command;
  const listed = await context.mailbox.readAccessList(mailbox);
  if (!listed.ok) return no(refusalText(listed.reason));
  const identifier = await findChangeable(context, command.identifier, listed.value);
  if (typeof identifier !== 'string') return identifier;
  const outcome = await context.mailbox.setAccess(mailbox, identifier, undefined);
  return outcome.ok ? ok('DELETEACL completed') : no(refusalText(outcome.reason));
}

/**
 * Whose entry is to be changed, as the list spells it. Nobody shuts the owner out, and nothing is
 * taken away from anybody but by not giving it.
 */
async function findChangeable(
  { mailbox }: SessionContext,
  typed: string,
  { owner, rights }: AccessList,
): Promise<string | CommandResult> {
  if (typed.startsWith('-')) return no('[CANNOT] Negative rights are not kept here');
  // As it stands in the list, whoever that was: else nobody could take it away.
  if (rights.has(typed)) return typed;
  const found = await mailbox.canonicalIdentifier(typed);
  if (!found.ok) {
    const isNobody = found.reason === 'not-permitted';
    return no(isNobody ? '[CANNOT] There is nobody of that name here' : refusalText(found.reason));
  }
  if (found.value === owner) return no('[CANNOT] The owner of a mailbox has all rights to it');
  return found.value;
}

function formatIdentifier(identifier: string): string {
  return formatAstring(Buffer.from(identifier, 'utf8').toString('latin1'));
}
