/**
 * Lets a session at another worker of the site use a mailbox that is owned here, with the rights
 * of the account that it serves: the same mailbox port that a session here would get, one
 * connection for each mailbox that is open.
 */
import type {
  AppendPort,
  ArrivingMessage,
  FactName,
  FlagChange,
  FolderPort,
  MailboxPort,
  MessageContent,
  ModSeq,
  Outcome,
  ReplacedMessage,
  TextQuery,
  Uid,
} from '@homeward/imap/session';
import type { OctetStream } from '@homeward/wire';
import type { OtherMailbox } from '../mail/shared/other-mailboxes.ts';
import { IndexSender } from './index-mirror.ts';
import {
  CONTENT_START_BYTES,
  type FolderState,
  type OpenedContent,
  type OpenedFolder,
  type OpenReply,
  type OpenRequest,
  type ReplacedAtPeer,
} from './mailbox-messages.ts';
import { type PeerObject, type PeerScope, servePeer } from './peer-server.ts';

const NOT_OPEN = { ok: false, reason: 'unavailable' } as const;

export interface MailboxServerParts {
  /** Opens a mailbox of this worker; refuses who has no share in it. */
  readonly open: (request: OpenRequest) => Promise<Outcome<OtherMailbox>>;
  readonly onFault: (error: unknown) => void;
}

/** Serves one connection; never rejects. The caller ends the stream. */
export async function serveMailbox(stream: OctetStream, parts: MailboxServerParts): Promise<void> {
  const folders = new Set<ServedFolder>();
  await servePeer({
    stream,
    makeRoot: (scope) => new ServedMailbox(scope, parts, folders),
    // Who hears that something is done finds it in the index.
    beforeAnswer: () => {
      for (const folder of folders) folder.tellChanges();
    },
    onFault: parts.onFault,
  });
}

type Methods = PeerObject['methods'];

class ServedMailbox implements PeerObject {
  readonly methods: Methods;
  readonly #scope: PeerScope;
  readonly #parts: MailboxServerParts;
  readonly #folders: Set<ServedFolder>;
  #opened: OtherMailbox | undefined;

  constructor(scope: PeerScope, parts: MailboxServerParts, folders: Set<ServedFolder>) {
    this.#scope = scope;
    this.#parts = parts;
    this.#folders = folders;
    this.methods = new Map<string, (...args: never[]) => unknown>([
      ['open', (request: OpenRequest) => this.#open(request)],
      ['openFolder', (path: string, isReadOnly: boolean) => this.#openFolder(path, isReadOnly)],
      [
        'startAppend',
        (path: string, replaced: ReplacedAtPeer | undefined) => this.#startAppend(path, replaced),
      ],
      ['release', (object: number) => scope.remove(object)],
      ...FORWARDED.map((name) => [name, (...args: never[]) => this.#forward(name, args)] as const),
    ]);
  }

  dispose(): void {
    this.#opened?.close();
  }

  async #open(request: OpenRequest): Promise<OpenReply> {
    if (this.#opened !== undefined) throw new Error('a connection has one mailbox');
    const opened = await this.#parts.open(request);
    if (!opened.ok) return opened;
    this.#opened = opened.value;
    const { metadataValueBytes } = opened.value.mailbox;
    return { ok: true, value: { metadataValueBytes } };
  }

  async #forward(name: Forwarded, args: never[]): Promise<unknown> {
    const mailbox = this.#opened?.mailbox;
    if (mailbox === undefined) throw new Error('no mailbox is open');
    const method = mailbox[name] as (...args: never[]) => Promise<unknown>;
    return method.apply(mailbox, args);
  }

  async #openFolder(path: string, isReadOnly: boolean): Promise<Outcome<OpenedFolder>> {
    const opened = await this.#opened?.mailbox.openFolder(path, isReadOnly);
    if (opened?.ok !== true) return opened ?? NOT_OPEN;
    const folder = new ServedFolder(this.#scope, opened.value, (one) => this.#folders.delete(one));
    this.#folders.add(folder);
    return { ok: true, value: folder.describe() };
  }

  async #startAppend(path: string, replaced: ReplacedAtPeer | undefined): Promise<Outcome<number>> {
    const message = this.#findReplaced(replaced);
    const started = await this.#opened?.mailbox.startAppend(path, message);
    if (started?.ok !== true) return started ?? NOT_OPEN;
    const served = new ServedAppend(started.value, (one) => this.#findReplaced(one));
    return { ok: true, value: this.#scope.add(served) };
  }

  #findReplaced(replaced: ReplacedAtPeer | undefined): ReplacedMessage | undefined {
    if (replaced === undefined) return undefined;
    const object = this.#scope.get(replaced.folder);
    if (!(object instanceof ServedFolder)) throw new Error('there is no such folder');
    return { folder: object.folder, uid: replaced.uid as Uid };
  }
}

/** What needs no objects: arguments and answers are plain values. */
const FORWARDED = [
  'listFolders',
  'listDeadSubscriptions',
  'statusOf',
  'createFolder',
  'setSpecialUse',
  'deleteFolder',
  'renameFolder',
  'setSubscribed',
  'quotaRootOf',
  'findQuotaRoot',
  'readMetadata',
  'setMetadata',
  'canonicalIdentifier',
  'rightsOf',
  'readAccessList',
  'setAccess',
] as const satisfies readonly (keyof MailboxPort)[];
type Forwarded = (typeof FORWARDED)[number];

class ServedFolder implements PeerObject {
  readonly folder: FolderPort;
  readonly methods: Methods;
  readonly #scope: PeerScope;
  readonly #object: number;
  readonly #sender = new IndexSender();
  readonly #onDisposed: (folder: ServedFolder) => void;
  readonly #unsubscribe: () => void;
  #told: Pick<FolderState, 'path' | 'rights' | 'isGone'> | undefined;

  constructor(scope: PeerScope, folder: FolderPort, onDisposed: (folder: ServedFolder) => void) {
    this.folder = folder;
    this.#scope = scope;
    this.#onDisposed = onDisposed;
    this.methods = this.#listMethods();
    this.#object = scope.add(this);
    this.#unsubscribe = folder.subscribe(() => this.tellChanges());
  }

  describe(): OpenedFolder {
    const { isReadOnly, uidValidity, mailboxId, firstRecentUid } = this.folder;
    const object = this.#object;
    const state = this.#takeState() ?? this.#stateWithout();
    return { object, isReadOnly, uidValidity, mailboxId, firstRecentUid, state };
  }

  /** Does nothing where nothing has changed. */
  tellChanges(): void {
    const state = this.#takeState();
    if (state !== undefined) this.#scope.tell(this.#object, state);
  }

  dispose(): void {
    this.#unsubscribe();
    this.#onDisposed(this);
    this.folder.close();
  }

  #takeState(): FolderState | undefined {
    const { path, rights, isGone, index } = this.folder;
    const change = this.#sender.takeChange(index);
    const told = this.#told;
    const isSame = told?.path === path && told.rights === rights && told.isGone === isGone;
    if (change === undefined && isSame) return undefined;
    this.#told = { path, rights, isGone };
    return { path, rights, isGone, change };
  }

  #stateWithout(): FolderState {
    const { path, rights, isGone } = this.folder;
    return { path, rights, isGone, change: undefined };
  }

  #listMethods(): Methods {
    const { folder } = this;
    return new Map<string, (...args: never[]) => unknown>([
      ['expungedSince', (since: ModSeq) => folder.expungedSince(since)],
      [
        'readFacts',
        (uids: readonly Uid[], names: ReadonlySet<FactName>) => folder.readFacts(uids, names),
      ],
      ['openMessage', (uid: Uid) => this.#openMessage(uid)],
      ['findTextCandidates', (queries: readonly TextQuery[]) => folder.findTextCandidates(queries)],
      [
        'changeFlags',
        (uids: readonly Uid[], change: FlagChange, since: ModSeq | undefined) =>
          folder.changeFlags(uids, change, since),
      ],
      ['expunge', (uids: readonly Uid[] | undefined) => folder.expunge(uids)],
      ['copy', (uids: readonly Uid[], toPath: string) => folder.copy(uids, toPath)],
      ['move', (uids: readonly Uid[], toPath: string) => folder.move(uids, toPath)],
    ]);
  }

  async #openMessage(uid: Uid): Promise<OpenedContent | undefined> {
    const content = await this.folder.openMessage(uid);
    if (content === undefined) return undefined;
    const object = this.#scope.add(new ServedContent(content));
    const start = await content.read(0, CONTENT_START_BYTES);
    return { object, sizeBytes: content.sizeBytes, start };
  }
}

class ServedContent implements PeerObject {
  readonly methods: Methods;
  readonly #content: MessageContent;

  constructor(content: MessageContent) {
    this.#content = content;
    this.methods = new Map<string, (...args: never[]) => unknown>([
      ['read', (offset: number, count: number) => content.read(offset, count)],
    ]);
  }

  dispose(): Promise<void> {
    return this.#content.close();
  }
}

class ServedAppend implements PeerObject {
  readonly methods: Methods;
  readonly #append: AppendPort;
  #isOver = false;

  constructor(
    append: AppendPort,
    findReplaced: (replaced: ReplacedAtPeer | undefined) => ReplacedMessage | undefined,
  ) {
    this.#append = append;
    this.methods = new Map<string, (...args: never[]) => unknown>([
      ['startMessage', (message: ArrivingMessage) => append.startMessage(message)],
      ['write', (octets: Uint8Array) => append.write(octets)],
      ['endMessage', () => append.endMessage()],
      [
        'commit',
        (replaced: ReplacedAtPeer | undefined) => {
          this.#isOver = true;
          return append.commit(findReplaced(replaced));
        },
      ],
    ]);
  }

  /** Whatever was not committed leaves nothing behind. */
  async dispose(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#append.abort();
  }
}
