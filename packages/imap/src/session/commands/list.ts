/**
 * LIST (RFC 3501 §6.3.8), extended by RFC 5258, with CHILDREN (RFC 3348), SPECIAL-USE
 * (RFC 6154 §2), LIST-STATUS (RFC 5819 §2), LIST-MYRIGHTS (RFC 8440) and LIST-METADATA (RFC 9590).
 */
import type { CommandOf, ListReturnOption } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import {
  type ListEntry,
  allNames,
  findListEntries,
  folderAttributes,
} from '../list/list-entries.ts';
import { LIST_BATCH, compareFolderPaths } from '../list/list-order.ts';
import { compileListPattern } from '../list/list-pattern.ts';
import { findMatchingPaths } from '../list/matching-paths.ts';
import type { SessionContext } from '../session-context.ts';
import { formatMyRights } from './acl.ts';
import { tellMetadata } from './metadata.ts';
import { formatStatusItems } from './status.ts';

/** Each is held against every folder. */
const PATTERN_LIMIT = 100;

export async function runList(
  context: SessionContext,
  command: CommandOf<'list'>,
): Promise<CommandResult> {
  const { extended } = command;
  const unique = [...new Set(command.patterns)];
  if (unique.length > PATTERN_LIMIT) {
    return no(`[LIMIT] One LIST may have at most ${PATTERN_LIMIT} patterns`);
  }
  if (extended !== undefined)
    await listExtended(context, { ...command, patterns: unique }, extended);
  else if (command.patterns[0] === '') {
    // A question for the separator and the root of the reference.
    context.writer.untagged('LIST (\\Noselect) "/" ""');
  } else await listPlain(context, command);
  return ok('LIST completed');
}

async function listPlain(context: SessionContext, command: CommandOf<'list'>): Promise<void> {
  const { writer } = context;
  const pattern = compileListPattern(command.reference, command.patterns[0] ?? '');
  const folders = await context.mailbox.listFolders();
  const matching = await findMatchingPaths(
    context,
    [pattern],
    folders.map(({ path }) => path),
  );
  const ordered = folders
    .filter(({ path }) => matching.has(path))
    .toSorted((left, right) => compareFolderPaths(left.path, right.path));
  for (const [order, folder] of ordered.entries()) {
    const attributes = folderAttributes(folder).join(' ');
    writer.untagged(`LIST (${attributes}) "/" ${context.formatMailbox(folder.path)}`);
    if (order % LIST_BATCH === LIST_BATCH - 1 && !(await context.breathe())) return;
  }
}

async function listExtended(
  context: SessionContext,
  command: CommandOf<'list'>,
  { select, returns }: NonNullable<CommandOf<'list'>['extended']>,
): Promise<void> {
  const { mailbox } = context;
  const wantsDead = select.includes('subscribed');
  const names = {
    folders: await mailbox.listFolders(),
    deadSubscriptions: wantsDead ? await mailbox.listDeadSubscriptions() : [],
  };
  const patterns = command.patterns.map((pattern) =>
    compileListPattern(command.reference, pattern),
  );
  const matching = await findMatchingPaths(context, patterns, allNames(names));
  const matches = (path: string): boolean => matching.has(path);
  const entries = findListEntries(names, { matches, select, returns });
  for (const [order, entry] of entries.entries()) {
    await tellEntry(context, entry, returns);
    if (order % LIST_BATCH === LIST_BATCH - 1 && !(await context.breathe())) return;
  }
}

/** One LIST response and what was asked for beside it. */
async function tellEntry(
  context: SessionContext,
  entry: ListEntry,
  returns: readonly ListReturnOption[],
): Promise<void> {
  const isOpenable = entry.isSelected && entry.folder?.isSelectable === true;
  const wanted = returns.find((option) => option.option === 'status');
  const status =
    isOpenable && wanted !== undefined ? await context.mailbox.statusOf(entry.path) : undefined;
  // Deleted since it was listed: it cannot be selected, and its STATUS is left out (RFC 5819 §2).
  const isGone = status !== undefined && !status.ok;
  const attributes = isGone ? ['\\Noselect', ...entry.attributes] : entry.attributes;
  const name = context.formatMailbox(entry.path);
  const extension = entry.hasChildInfo ? ' ("CHILDINFO" ("SUBSCRIBED"))' : '';
  context.writer.untagged(`LIST (${attributes.join(' ')}) "/" ${name}${extension}`);
  if (status?.ok === true && wanted !== undefined) {
    const items = formatStatusItems(context, wanted.items, status.value);
    context.writer.untagged(`STATUS ${name} (${items})`);
  }
  if (entry.isSelected && entry.folder !== undefined) {
    await tellMore(context, entry.path, returns);
  }
}

/** MYRIGHTS (RFC 8440 §3) and METADATA (RFC 9590 §3), as far as they can be had. */
async function tellMore(
  context: SessionContext,
  path: string,
  returns: readonly ListReturnOption[],
): Promise<void> {
  for (const option of returns) {
    if (option.option === 'metadata') await tellMetadata(context, path, option.entries);
    if (option.option !== 'my-rights') continue;
    const rights = await context.mailbox.rightsOf(path);
    if (rights.ok) context.writer.untagged(formatMyRights(context, path, rights.value));
  }
}
