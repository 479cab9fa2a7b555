/**
 * GETMETADATA and SETMETADATA (RFC 5464 §4.2, §4.3). "/private/specialuse" is what LIST tells as
 * a mailbox's special use (RFC 6154 §4).
 */
import type { CommandOf, MetadataDepth } from '../../grammar/command.ts';
import { formatAstring, formatString } from '../../grammar/responses/strings.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import type { Metadata, Outcome, Refusal } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';
import { parseSpecialUse } from '../special-use.ts';

const SPECIAL_USE = '/private/specialuse';

export async function runGetMetadata(
  context: SessionContext,
  command: CommandOf<'getmetadata'>,
): Promise<CommandResult> {
  const outcome = await readMetadata(context, command.mailbox);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const { maxSizeBytes = Infinity } = command;
  let longestBytes = 0;
  const pairs: string[] = [];
  for (const [entry, value] of selectEntries(outcome.value, command.entries, command.depth)) {
    const sizeBytes = value?.length ?? 0;
    if (sizeBytes > maxSizeBytes) longestBytes = Math.max(longestBytes, sizeBytes);
    else pairs.push(formatPair(entry, value));
  }
  tellPairs(context, command.mailbox, pairs);
  const code = longestBytes === 0 ? '' : `[METADATA LONGENTRIES ${longestBytes}] `;
  return ok(`${code}GETMETADATA completed`);
}

export async function runSetMetadata(
  context: SessionContext,
  { mailbox, values }: CommandOf<'setmetadata'>,
): Promise<CommandResult> {
  const path = mailbox === '' ? undefined : mailbox;
  const others = new Map(values);
  if (path !== undefined && others.delete(SPECIAL_USE)) {
    if (others.size > 0) return no('[CANNOT] Set /private/specialuse by itself');
    return await setSpecialUse(context, path, values.get(SPECIAL_USE));
  }
  const outcome = await context.mailbox.setMetadata(path, others);
  if (outcome.ok) return ok('SETMETADATA completed');
  return no(setRefusalText(context, outcome.reason));
}

/** METADATA response (RFC 5464 §4.4.1) with the entries that have a value, also beside LIST. */
export async function tellMetadata(
  context: SessionContext,
  mailbox: string,
  entries: readonly string[],
): Promise<void> {
  const outcome = await readMetadata(context, mailbox);
  if (!outcome.ok) return;
  const selected = selectEntries(outcome.value, entries, 'entry');
  const pairs = [...selected].map(([entry, value]) => formatPair(entry, value));
  tellPairs(context, mailbox, pairs);
}

async function readMetadata(context: SessionContext, mailbox: string): Promise<Outcome<Metadata>> {
  return await context.mailbox.readMetadata(mailbox === '' ? undefined : mailbox);
}

/** What was asked for by name has a value or NIL; what lies below is there or not. */
function selectEntries(
  metadata: Metadata,
  names: readonly string[],
  depth: MetadataDepth,
): ReadonlyMap<string, Uint8Array | undefined> {
  const selected = new Map<string, Uint8Array | undefined>();
  for (const name of names) {
    if (depth === 'entry') selected.set(name, metadata.get(name));
    else {
      for (const [entry, value] of metadata) {
        if (isWithin(entry, name, depth)) selected.set(entry, value);
      }
    }
  }
  return selected;
}

function isWithin(entry: string, name: string, depth: MetadataDepth): boolean {
  if (entry === name) return true;
  if (!entry.startsWith(`${name}/`)) return false;
  return depth === 'all' || !entry.slice(name.length + 1).includes('/');
}

function formatPair(entry: string, value: Uint8Array | undefined): string {
  if (value === undefined) return `${formatAstring(entry)} NIL`;
  const octets = Buffer.from(value).toString('latin1');
  // Only a literal8 may hold NUL (RFC 5464 §5 value).
  const isBinary = octets.includes('\0');
  const text = isBinary ? `~{${octets.length}}\r\n${octets}` : formatString(octets);
  return `${formatAstring(entry)} ${text}`;
}

function tellPairs(context: SessionContext, mailbox: string, pairs: readonly string[]): void {
  if (pairs.length === 0) return;
  const name = mailbox === '' ? '""' : context.formatMailbox(mailbox);
  context.writer.untagged(`METADATA ${name} (${pairs.join(' ')})`);
}

async function setSpecialUse(
  context: SessionContext,
  path: string,
  value: Uint8Array | undefined,
): Promise<CommandResult> {
  const text = value === undefined ? undefined : Buffer.from(value).toString('latin1');
  const use = text === undefined ? undefined : parseSpecialUse(text);
  if (text !== undefined && use === undefined) return no('[USEATTR] That use is not known here');
  const outcome = await context.mailbox.setSpecialUse(path, use);
  if (outcome.ok) return ok('SETMETADATA completed');
  if (outcome.reason === 'not-permitted') return no('[USEATTR] This mailbox cannot have that use');
  return no(refusalText(outcome.reason));
}

/** RFC 5464 §4.3. */
function setRefusalText(context: SessionContext, reason: Refusal): string {
  if (reason === 'too-big') {
    return `[METADATA MAXSIZE ${context.mailbox.metadataValueBytes}] The value is too long`;
  }
  if (reason === 'too-many') return '[METADATA TOOMANY] There are too many entries';
  return refusalText(reason);
}
