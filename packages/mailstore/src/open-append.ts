/** Starts an append to a folder of an open mailbox: what its sink asks of the mailbox. */
import type {
  AppendedMessages,
  InternalDate,
  MessageSink,
  NewMessage,
  Outcome,
  ReplacedMessage,
  Uid,
  UidValidity,
} from './api.ts';
import { runAtOnce } from './commit-queue.ts';
import { FolderView } from './folder-view.ts';
import type { MailboxCore } from './mailbox-core.ts';
import { StoreMessageSink, type HeldSums } from './message-sink.ts';
import {
  appendMessages,
  type ArrivedMessage,
  type ReplacedPlace,
} from './operations/append-messages.ts';
import { isOverQuota, type QuotaUse } from './operations/quota.ts';
import { giveUpStaged, stageMessages } from './operations/stage-messages.ts';

/**
 * Messages of at most this size are rows. Measured (see `bench/store-bench.ts`): a row costs
 * one sync, a file three, and up to here copying the octets costs less than the two.
 */
const INLINE_BYTES = 128 * 1024;
/** Appends of at most so many messages are done within one turn of the event loop. */
const AT_ONCE_COUNT = 16;
const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;

/** @param path Canonical. */
export function openAppend(
  core: MailboxCore,
  path: string,
  replacing: ReplacedMessage | undefined,
): Outcome<MessageSink> {
  if (core.isBroken) return UNAVAILABLE;
  const folder = core.published.findFolder(path);
  if (folder === undefined || !folder.isSelectable) return { ok: false, reason: 'nonexistent' };
  const { layout, files, clock, describe, createFileName, report } = core.parts;
  const { accountId } = core.published;
  const now: InternalDate = { epochMs: clock.nowMs(), zoneMinutes: 0 };
  const freed = freedBy(replacing);
  return {
    ok: true,
    value: new StoreMessageSink({
      describe,
      files,
      messagesPath: layout.messages,
      createFileName,
      inlineBytes: INLINE_BYTES,
      messageBytes: core.parts.limits.messageBytes,
      now,
      admit: (message, before) => admit(core, message, before, freed),
      stage: (messages) =>
        core.queue.transact((tx) => ({ ok: true, value: stageMessages(tx, messages) })),
      giveUpStaged: async (ids) => {
        await core.queue.transact((tx) => ({ ok: true, value: giveUpStaged(tx, ids) }));
      },
      append: (messages, replaced) => append(core, path, messages, replaced),
      onFault: (code) => report({ name: 'mailbox.volume-full', accountId, code }),
    }),
  };
}

/** What is known to be refused before any octet is taken; the transaction looks again. */
function admit(
  core: MailboxCore,
  { sizeBytes = 0, flags }: NewMessage,
  before: HeldSums,
  freed: QuotaUse,
): Outcome<void> {
  if (core.isBroken) return UNAVAILABLE;
  const { limits } = core;
  if (sizeBytes > limits.messageBytes) return { ok: false, reason: 'too-big' };
  if (before.messageCount >= limits.appendMessageCount) return { ok: false, reason: 'too-many' };
  const { usage } = core.published;
  const used = {
    totalBytes: usage.totalBytes + before.totalBytes - freed.totalBytes,
    messageCount: usage.messageCount + before.messageCount - freed.messageCount,
  };
  if (isOverQuota(used, { totalBytes: sizeBytes, messageCount: 1 }, limits))
    return { ok: false, reason: 'over-quota' };
  return core.checkFlags(flags);
}

function freedBy(replacing: ReplacedMessage | undefined): QuotaUse {
  const index = replacing?.folder.index;
  const position = replacing === undefined ? -1 : (index?.positionOf(replacing.uid) ?? -1);
  if (index === undefined || position === -1) return { totalBytes: 0, messageCount: 0 };
  return { totalBytes: index.sizeBytesAt(position), messageCount: 1 };
}

async function append(
  core: MailboxCore,
  path: string,
  messages: readonly ArrivedMessage[],
  replacing: ReplacedMessage | undefined,
): Promise<Outcome<AppendedMessages>> {
  const replaced = placeOf(core, replacing);
  if (!replaced.ok) return replaced;
  const { bounds } = core;
  const work = (tx: Parameters<typeof appendMessages>[0]) =>
    appendMessages(tx, path, messages, replaced.value, bounds);
  const appended =
    messages.length <= AT_ONCE_COUNT
      ? await core.queue.transact((tx) => {
          core.rest.writeMany(tx);
          return runAtOnce(work(tx));
        })
      : await core.queue.transactInSteps(work);
  if (!appended.ok) return appended;
  const { uidValidity, uids } = appended.value;
  return { ok: true, value: { uidValidity: uidValidity as UidValidity, uids: uids as Uid[] } };
}

/** Only a folder of the same mailbox, open for writing, can be part of the transaction. */
function placeOf(
  core: MailboxCore,
  replacing: ReplacedMessage | undefined,
): Outcome<ReplacedPlace | undefined> {
  if (replacing === undefined) return { ok: true, value: undefined };
  const { folder, uid } = replacing;
  if (!(folder instanceof FolderView) || !folder.isOf(core) || folder.isReadOnly) {
    return { ok: false, reason: 'not-permitted' };
  }
  return { ok: true, value: { folderId: folder.folderId, uid } };
}
