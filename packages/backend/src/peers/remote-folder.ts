/** A folder of a mailbox that another worker of the site owns, as a session here has it open. */
import type {
  CopyResult,
  FactName,
  FlagChange,
  FlagChangeResult,
  FolderIndex,
  FolderPort,
  MessageContent,
  MessageFacts,
  ModSeq,
  Outcome,
  TextQuery,
  Uid,
  UidValidity,
} from '@homeward/imap/session';
import { MirroredIndex } from './index-mirror.ts';
import type { FolderState, OpenedContent, OpenedFolder } from './mailbox-messages.ts';
import type { PeerClient } from './peer-client.ts';
import { ROOT_OBJECT } from './peer-messages.ts';

const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;
/** Of messages whose octets come along: each may have 128 KB. */
const FACTS_AT_ONCE = 64;

export class RemoteFolder implements FolderPort {
  readonly object: number;
  readonly isReadOnly: boolean;
  readonly uidValidity: UidValidity;
  readonly mailboxId: string;
  readonly firstRecentUid: Uid;
  readonly #peer: PeerClient;
  readonly #index = new MirroredIndex();
  readonly #listeners = new Set<() => void>();
  readonly #ceaseToHear: () => void;
  #state: FolderState;
  #isLost = false;

  constructor(peer: PeerClient, opened: OpenedFolder) {
    this.#peer = peer;
    this.object = opened.object;
    this.isReadOnly = opened.isReadOnly;
    this.uidValidity = opened.uidValidity as UidValidity;
    this.mailboxId = opened.mailboxId;
    this.firstRecentUid = opened.firstRecentUid as Uid;
    this.#state = opened.state;
    if (opened.state.change !== undefined) this.#index.apply(opened.state.change);
    peer.listen(opened.object, (event) => this.#hear(event as FolderState));
    this.#ceaseToHear = peer.onLost(() => {
      this.#isLost = true;
      this.#tellListeners();
    });
  }

  get path(): string {
    return this.#state.path;
  }

  get rights(): string | undefined {
    return this.#state.rights;
  }

  get index(): FolderIndex {
    return this.#index;
  }

  /** A worker that is gone takes its folders along; who selects them again finds them. */
  get isGone(): boolean {
    return this.#isLost || this.#state.isGone;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  expungedSince(modSeq: ModSeq): Promise<readonly Uid[] | undefined> {
    return this.#ask<readonly Uid[] | undefined>(undefined, 'expungedSince', modSeq);
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#index.hasChangesSince(modSeq);
  }

  async readFacts(
    uids: readonly Uid[],
    names: ReadonlySet<FactName>,
  ): Promise<readonly MessageFacts[]> {
    const facts: MessageFacts[] = [];
    for (let start = 0; start < uids.length; start += FACTS_AT_ONCE) {
      const some = uids.slice(start, start + FACTS_AT_ONCE);
      facts.push(...(await this.#ask<readonly MessageFacts[]>([], 'readFacts', some, names)));
    }
    return facts;
  }

  async openMessage(uid: Uid): Promise<MessageContent | undefined> {
    const opened = await this.#ask<OpenedContent | undefined>(undefined, 'openMessage', uid);
    return opened && new RemoteContent(this.#peer, opened);
  }

  findTextCandidates(
    queries: readonly TextQuery[],
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]> {
    const unknown = queries.map(() => undefined);
    return this.#ask<readonly (ReadonlySet<Uid> | undefined)[]>(
      unknown,
      'findTextCandidates',
      queries,
    );
  }

  changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<Outcome<FlagChangeResult>> {
    return this.#ask<Outcome<FlagChangeResult>>(
      UNAVAILABLE,
      'changeFlags',
      uids,
      change,
      unchangedSince,
    );
  }

  expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    return this.#ask<Outcome<readonly Uid[]>>(UNAVAILABLE, 'expunge', uids);
  }

  copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    return this.#ask<Outcome<CopyResult>>(UNAVAILABLE, 'copy', uids, toPath);
  }

  move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    return this.#ask<Outcome<CopyResult>>(UNAVAILABLE, 'move', uids, toPath);
  }

  close(): void {
    this.#ceaseToHear();
    this.#listeners.clear();
    this.#peer.forget(this.object);
    void this.#peer.tell(ROOT_OBJECT, 'release', this.object);
  }

  /** Runs in a turn of its own: no session's code is under way. */
  #hear(state: FolderState): void {
    this.#state = state;
    if (state.change !== undefined) this.#index.apply(state.change);
    this.#tellListeners();
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener();
  }

  /** @param whenLost The answer of a worker that is gone. */
  async #ask<Value>(whenLost: Value, method: string, ...args: unknown[]): Promise<Value> {
    const answer = await this.#peer.call<Value>(this.object, method, ...args);
    return answer.isLost ? whenLost : answer.value;
  }
}

class RemoteContent implements MessageContent {
  readonly sizeBytes: number;
  readonly #peer: PeerClient;
  readonly #opened: OpenedContent;

  constructor(peer: PeerClient, opened: OpenedContent) {
    this.#peer = peer;
    this.#opened = opened;
    this.sizeBytes = opened.sizeBytes;
  }

  /** Rejects when the other worker is lost, as a file does that cannot be read. */
  async read(offset: number, count: number): Promise<Uint8Array> {
    const { start, object } = this.#opened;
    const isAtHand = offset + count <= start.length || start.length === this.sizeBytes;
    if (isAtHand) return start.subarray(offset, offset + count);
    const answer = await this.#peer.call<Uint8Array>(object, 'read', offset, count);
    if (answer.isLost) throw new Error('the worker that has the message is gone');
    return answer.value;
  }

  async close(): Promise<void> {
    await this.#peer.tell(ROOT_OBJECT, 'release', this.#opened.object);
  }
}
