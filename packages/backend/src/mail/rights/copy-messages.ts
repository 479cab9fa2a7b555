/**
 * Copies messages to where the store cannot copy by itself: to another account's mailbox, or
 * with fewer flags. They are read here and appended there, all or none, in bounded memory.
 */
import type { FlagName } from '@homeward/imap/grammar';
import type {
  AppendPort,
  CopyResult,
  FactName,
  FolderPort,
  MailboxPort,
  MessageFacts,
  Outcome,
  Uid,
} from '@homeward/imap/session';

/** Each may bring the octets of a small message along. */
const BATCH_COUNT = 16;
const CHUNK_BYTES = 64 * 1024;
const OCTETS: ReadonlySet<FactName> = new Set(['octets']);

/** Where copies go. */
export interface CopyTarget {
  readonly mailbox: Pick<MailboxPort, 'startAppend' | 'statusOf'>;
  readonly path: string;
  /** Those of a message's flags that its copy gets. */
  readonly keepFlags: (flags: readonly FlagName[]) => readonly FlagName[];
}

/** Messages that are gone by the time they are read are left out. */
export async function copyMessages(
  source: FolderPort,
  uids: readonly Uid[],
  { mailbox, path, keepFlags }: CopyTarget,
): Promise<Outcome<CopyResult>> {
  const started = await mailbox.startAppend(path);
  if (!started.ok) return started;
  const copying = new Copying(source, started.value, keepFlags);
  const failure = await copying.copyAll(uids);
  if (failure !== undefined) return failure;
  if (copying.sourceUids.length === 0) return noCopies(mailbox, path, started.value);
  const stored = await started.value.commit(undefined);
  if (!stored.ok) return stored;
  const { uidValidity, uids: newUids } = stored.value;
  return { ok: true, value: { uidValidity, sourceUids: copying.sourceUids, newUids } };
}

async function noCopies(
  mailbox: CopyTarget['mailbox'],
  path: string,
  append: AppendPort,
): Promise<Outcome<CopyResult>> {
  await append.abort();
  const status = await mailbox.statusOf(path);
  if (!status.ok) return status;
  const { uidValidity } = status.value;
  return { ok: true, value: { uidValidity, sourceUids: [], newUids: [] } };
}

class Copying {
  readonly sourceUids: Uid[] = [];
  readonly #source: FolderPort;
  readonly #append: AppendPort;
  readonly #keepFlags: CopyTarget['keepFlags'];

  constructor(source: FolderPort, append: AppendPort, keepFlags: CopyTarget['keepFlags']) {
    this.#source = source;
    this.#append = append;
    this.#keepFlags = keepFlags;
  }

  /** @returns Why it was given up; the append is then over. */
  async copyAll(uids: readonly Uid[]): Promise<Extract<Outcome<never>, { ok: false }> | undefined> {
    let isComplete = false;
    try {
      for (let start = 0; start < uids.length; start += BATCH_COUNT) {
        const batch = await this.#source.readFacts(uids.slice(start, start + BATCH_COUNT), OCTETS);
        for (const facts of batch) {
          const outcome = await this.#copyOne(facts);
          if (!outcome.ok) return outcome;
        }
      }
      isComplete = true;
      return undefined;
    } finally {
      if (!isComplete) await this.#append.abort();
    }
  }

  async #copyOne(facts: MessageFacts): Promise<Outcome<void>> {
    const { uid, octets } = facts;
    const { index } = this.#source;
    const position = index.positionOf(uid);
    if (position < 0) return { ok: true, value: undefined };
    const announced = {
      flags: this.#keepFlags(index.flagsAt(position).names),
      internalDate: index.internalDateAt(position),
      sizeBytes: index.sizeBytesAt(position),
    };
    if (octets === undefined) return this.#copyOpened(uid, announced);
    const admitted = await this.#append.startMessage(announced);
    if (!admitted.ok) return admitted;
    await this.#append.write(octets);
    return this.#end(uid);
  }

  async #copyOpened(
    uid: Uid,
    announced: Parameters<AppendPort['startMessage']>[0],
  ): Promise<Outcome<void>> {
    const content = await this.#source.openMessage(uid);
    if (content === undefined) return { ok: true, value: undefined };
    try {
      const admitted = await this.#append.startMessage(announced);
      if (!admitted.ok) return admitted;
      for (let offset = 0; offset < content.sizeBytes; offset += CHUNK_BYTES) {
        await this.#append.write(await content.read(offset, CHUNK_BYTES));
      }
    } finally {
      await content.close();
    }
    return this.#end(uid);
  }

  async #end(uid: Uid): Promise<Outcome<void>> {
    const ended = await this.#append.endMessage();
    if (ended.ok) this.sourceUids.push(uid);
    return ended;
  }
}
