/** One message into one folder of an open mailbox, durably. */
import type { SpooledMessage } from '@homeward/mail-queue';
import type { FolderSummary, Mailbox, Outcome, SpecialUse } from '@homeward/mailstore';

/** Where no letter belongs that somebody else addresses there. */
const OWN_USES: ReadonlySet<SpecialUse | undefined> = new Set<SpecialUse>([
  '\\Sent',
  '\\Drafts',
  '\\Trash',
]);

export interface StoredCopy {
  /** Lines in front of the message; each ends with CRLF. */
  readonly trace: string;
  readonly message: Pick<SpooledMessage, 'sizeBytes' | 'readMessage'>;
  readonly flags: readonly string[];
}

/** @returns The new message's place, once it is durable and seen by all sessions. */
export async function deliverInto(
  mailbox: Mailbox,
  path: string,
  { trace, message, flags }: StoredCopy,
): Promise<Outcome<{ readonly uid: number; readonly uidValidity: number }>> {
  const started = await mailbox.startAppend(path);
  if (!started.ok) return started;
  const sink = started.value;
  try {
    const head = Buffer.from(trace);
    const sizeBytes = head.length + message.sizeBytes;
    const begun = await sink.startMessage({ flags, internalDate: undefined, sizeBytes });
    if (begun.ok) {
      await sink.write(head);
      for await (const piece of message.readMessage()) await sink.write(piece);
      await sink.endMessage();
    }
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const stored = await sink.commit();
  if (!stored.ok) return stored;
  const { uids, uidValidity } = stored.value;
  return { ok: true, value: { uid: uids[0] ?? 0, uidValidity } };
}

/**
 * The folder that the `+detail` of an address means: one of that name, however it is capitalised;
 * else the inbox. A sender makes no folder, and puts nothing among what the owner wrote himself.
 */
export async function findDetailFolder(
  mailbox: Pick<Mailbox, 'listFolders'>,
  detail: string | undefined,
): Promise<string> {
  if (detail === undefined) return 'INBOX';
  const wanted = detail.normalize('NFC').toLowerCase();
  const fits = ({ path, isSelectable, specialUse }: FolderSummary): boolean =>
    isSelectable && !OWN_USES.has(specialUse) && path.normalize('NFC').toLowerCase() === wanted;
  const found = (await mailbox.listFolders()).filter(fits);
  return (found.find(({ path }) => path === detail) ?? found[0])?.path ?? 'INBOX';
}
