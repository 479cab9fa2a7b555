/** The inbox as POP3 sees it: locked against other maildrops and frozen (RFC 1939 §4). */
import type { FlagChange, Maildrop, MaildropMessage, MessageContent, Outcome, Uid } from './api.ts';
import { nextTurn } from './commit-queue.ts';
import { INBOX } from './folder-path.ts';
import { FolderView } from './folder-view.ts';
import type { MailboxCore } from './mailbox-core.ts';

/** Rows of the listing made in one turn of the event loop. */
const LISTING_CHUNK = 5000;
const SEEN: FlagChange = { kind: 'add', flags: ['\\Seen'] };

/** Takes the lock and freezes the listing. Close what it gives. */
export async function openInboxMaildrop(core: MailboxCore): Promise<Outcome<Maildrop>> {
  if (!core.takeMaildrop()) return { ok: false, reason: 'in-use' };
  const opened = await core.openFolder(INBOX, (folder) => new FolderView(core, folder, true));
  if (!opened.ok) {
    core.releaseMaildrop();
    return opened;
  }
  const { uids, messages } = await listMessages(opened.value);
  return { ok: true, value: new InboxMaildrop(core, opened.value, uids, messages) };
}

class InboxMaildrop implements Maildrop {
  readonly messages: readonly MaildropMessage[];
  readonly #core: MailboxCore;
  readonly #view: FolderView;
  readonly #uids: readonly Uid[];
  readonly #marks = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(
    core: MailboxCore,
    view: FolderView,
    uids: readonly Uid[],
    messages: readonly MaildropMessage[],
  ) {
    this.#core = core;
    this.#view = view;
    this.#uids = uids;
    this.messages = messages;
  }

  open(index: number): Promise<MessageContent | undefined> {
    const uid = this.#uids[index];
    return uid === undefined ? Promise.resolve(undefined) : this.#view.openMessage(uid);
  }

  async remove(indexes: readonly number[]): Promise<boolean> {
    const ordered = [...new Set(indexes)].sort((a, b) => a - b);
    const uids = ordered.flatMap((index) => this.#uids[index] ?? []);
    const removed = await this.#core.expunge(this.#view.folderId, uids, false);
    return removed.ok;
  }

  markSeen(index: number): void {
    const uid = this.#uids[index];
    if (uid === undefined) return;
    const position = this.#view.index.positionOf(uid);
    if (position === -1 || this.#view.index.flagsAt(position).isSeen) return;
    const mark = this.#core.changeFlags(this.#view.folderId, [uid], SEEN).finally(() => {
      this.#marks.delete(mark);
    });
    this.#marks.add(mark);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.#marks);
    this.#view.close();
    this.#core.releaseMaildrop();
  }
}

async function listMessages(
  view: FolderView,
): Promise<{ readonly uids: readonly Uid[]; readonly messages: readonly MaildropMessage[] }> {
  const { index } = view;
  const { values, length } = index.uids;
  const uids = Array.from(values.subarray(0, length)) as Uid[];
  const sizes = uids.map((_, at) => index.sizeBytesAt(at));
  const messages: MaildropMessage[] = [];
  for (const [at, uid] of uids.entries()) {
    messages.push({ uidl: formatUidl(view.uidValidity, uid), sizeBytes: sizes[at] ?? 0 });
    if (at % LISTING_CHUNK === LISTING_CHUNK - 1) await nextTurn();
  }
  return { uids, messages };
}

/**
 * 16 hexadecimal digits, UIDVALIDITY before UID: neither changes nor comes again for as long
 * as the mailbox lives, wherever it is moved to.
 */
function formatUidl(uidValidity: number, uid: number): string {
  return uidValidity.toString(16).padStart(8, '0') + uid.toString(16).padStart(8, '0');
}
