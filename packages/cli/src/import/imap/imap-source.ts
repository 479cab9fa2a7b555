/** A running IMAP server as a source of mail: the folders of one account there. */
import type { ImapFlow, ListResponse } from 'imapflow';
import type { ImportSource, SourceFolder, SourceReader } from '../import-source.ts';
import { SpoolFolder } from '../message-content.ts';
import { type FolderParts, readImapFolder } from './imap-folder.ts';
import type { ImapLink } from './imap-link.ts';

export type ImapSourceOptions = Pick<
  FolderParts,
  'journalFolder' | 'onJournalFault' | 'messageLimitBytes'
>;

/** Lists what is there. The source closes the link. @throws OperatorError if that fails. */
export async function openImapSource(
  link: ImapLink,
  options: ImapSourceOptions,
): Promise<ImportSource> {
  const spool = new SpoolFolder();
  const listed = await listFolders(link);
  const unions = listed.filter(({ entry }) => entry.specialUse === '\\All');
  const hasIds = /(?:OBJECTID|X-GM-EXT-1)/.test([...link.client.capabilities.keys()].join(' '));
  const parts: FolderParts = {
    ...options,
    link,
    spool,
    seenIds: unions.length > 0 && hasIds ? new Set() : undefined,
  };
  return {
    kind: 'imap',
    unit: 'messages',
    folders: listed
      // Folders of all mail last: by then it is known what the others have.
      .toSorted((left, right) => Number(unions.includes(left)) - Number(unions.includes(right)))
      .map((one) => toFolder(one, parts)),
    reopen: () => link.open(),
    close: async () => {
      await link.close();
      await spool.close();
    },
  };
}

interface ListedFolder {
  readonly entry: ListResponse;
  readonly levels: readonly string[];
  readonly isForeign: boolean;
}

async function listFolders(link: ImapLink): Promise<readonly ListedFolder[]> {
  const { client } = link;
  try {
    const entries = await client.list({ statusQuery: { messages: true, size: true } });
    return entries
      .filter(({ flags }) => !flags.has('\\Noselect') && !flags.has('\\NonExistent'))
      .map((entry) => ({
        entry,
        levels: levelsOf(entry, client),
        isForeign: isForeign(entry, client),
      }));
  } catch (error) {
    throw link.explain(error, 'its folders cannot be listed');
  }
}

/** Without the prefix of the personal namespace (RFC 2342): `INBOX.Sent` there is `Sent` here. */
function levelsOf({ path, delimiter }: ListResponse, { namespace }: ImapFlow): readonly string[] {
  if (path.toUpperCase() === 'INBOX') return ['INBOX'];
  const prefix = namespace?.prefix ?? '';
  const name = prefix !== '' && path.startsWith(prefix) ? path.slice(prefix.length) : path;
  return delimiter ? name.split(delimiter).filter((level) => level !== '') : [name];
}

/** Other people's, and what all share (RFC 2342 §5): not this account's mail. */
function isForeign({ path }: ListResponse, { namespaces }: ImapFlow): boolean {
  const foreign = [...(namespaces?.other || []), ...(namespaces?.shared || [])];
  return foreign.some(({ prefix }) => prefix !== '' && `${path}/`.startsWith(prefix));
}

function toFolder(
  { entry, levels, isForeign: foreign }: ListedFolder,
  parts: FolderParts,
): SourceFolder {
  const { path, specialUse, status, subscribed } = entry;
  const isUnion = specialUse === '\\All';
  return {
    name: path,
    levels,
    specialUse: isUnion ? '\\Archive' : specialUse === '\\Inbox' ? undefined : specialUse,
    isSubscribed: subscribed,
    leaveOut: reasonToLeaveOut(entry, foreign, parts),
    stepCount: status?.messages ?? 0,
    messageCount: status?.messages,
    sizeBytes: status?.size,
    messages: (reader: SourceReader) => readImapFolder(path, isUnion, parts, reader),
  };
}

function reasonToLeaveOut(
  { specialUse }: ListResponse,
  foreign: boolean,
  { seenIds }: FolderParts,
): string | undefined {
  if (foreign) return 'it is of others, not of this account';
  if (specialUse === '\\Flagged') return 'it shows what other folders hold';
  if (specialUse === '\\All' && seenIds === undefined) return 'it shows what other folders hold';
  return undefined;
}
