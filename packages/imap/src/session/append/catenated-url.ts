/**
 * The octets that an IMAP URL names within the session's own mailboxes (RFC 4469 §3): looked
 * up, read in pieces and passed on unchanged. \Seen stays as it is.
 */
import { type ImapMessageUrl, parseImapMessageUrl } from '../../grammar/imap-url.ts';
import { type CommandResult, no } from '../command-result.ts';
import { MessageReader, type OctetRange } from '../fetch/message-reader.ts';
import { type SectionOctets, cutPartial, resolveSection } from '../fetch/section.ts';
import type { FactName, FolderPort } from '../ports.ts';
import { sanitizeCodeText } from '../../grammar/responses/response-code.ts';
import type { SessionContext } from '../session-context.ts';
import type { AppendIntake } from './append-intake.ts';

const wanted: ReadonlySet<FactName> = new Set(['header', 'shape']);

/** @returns why nothing could be read, for the client (RFC 4469 §4.1). */
export async function readUrl(
  context: SessionContext,
  url: string,
  intake: AppendIntake,
): Promise<CommandResult | undefined> {
  const parsed = parseImapMessageUrl(url, context.view?.folder.path);
  if (parsed === undefined) return badUrl(url, 'That names no message on this server');
  const opened = await context.mailbox.openFolder(parsed.path, true);
  if (!opened.ok) return badUrl(url, 'There is no such mailbox');
  const folder = opened.value;
  try {
    if (parsed.uidValidity !== undefined && parsed.uidValidity !== folder.uidValidity) {
      return badUrl(url, 'The mailbox is another one now');
    }
    return await readMessage(context, folder, parsed, url, intake);
  } finally {
    folder.close();
  }
}

async function readMessage(
  context: SessionContext,
  folder: FolderPort,
  { uid, section, partial }: ImapMessageUrl,
  url: string,
  intake: AppendIntake,
): Promise<CommandResult | undefined> {
  const position = folder.index.positionOf(uid);
  const [facts] = position < 0 ? [] : await folder.readFacts([uid], wanted);
  if (facts === undefined) return badUrl(url, 'There is no such message');
  const reader = new MessageReader(folder, facts, folder.index.sizeBytesAt(position));
  try {
    const found = cutPartial(await resolveSection(reader, section), partial);
    const sizeBytes = sizeOf(found);
    if (sizeBytes === undefined) return badUrl(url, 'The message has no such part');
    const refusal = await intake.expect(sizeBytes);
    if (refusal !== undefined) return refusal;
    if (!(await reader.open())) return badUrl(url, 'There is no such message');
    for await (const octets of piecesOf(reader, found)) {
      await intake.write(octets);
      if (!(await context.breathe())) return no('Nobody listens any more');
    }
    return undefined;
  } finally {
    await reader.close();
  }
}

function sizeOf(found: SectionOctets): number | undefined {
  switch (found.kind) {
    case 'absent':
      return undefined;
    case 'octets':
      return found.octets.length;
    case 'range':
      return found.range.end - found.range.start;
  }
}

async function* piecesOf(reader: MessageReader, found: SectionOctets): AsyncGenerator<Uint8Array> {
  if (found.kind === 'octets') yield found.octets;
  else if (found.kind === 'range') yield* reader.read(found.range satisfies OctetRange);
}

/** The URL is repeated as far as a response code can hold it. */
function badUrl(url: string, text: string): CommandResult {
  return no(`[BADURL "${sanitizeCodeText(url).replaceAll(/["\\]/g, '')}"] ${text}`);
}
