/** A mailbox that another worker of the site owns, as a session here uses it. */
import type {
  AccessList,
  AppendPort,
  ArrivingMessage,
  FolderPort,
  FolderStatus,
  FolderSummary,
  MailboxPort,
  Metadata,
  Outcome,
  QuotaRoot,
  ReplacedMessage,
  SpecialUse,
  StoredMessages,
} from '@homeward/imap/session';
import type { OpenedFolder, OpenReply, OpenRequest, ReplacedAtPeer } from './mailbox-messages.ts';
import type { PeerClient } from './peer-client.ts';
import { ROOT_OBJECT } from './peer-messages.ts';
import { RemoteFolder } from './remote-folder.ts';

const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;

/** @returns The mailbox, which lives as long as the connection. */
export async function openRemoteMailbox(
  peer: PeerClient,
  request: OpenRequest,
): Promise<Outcome<MailboxPort>> {
  const answer = await peer.call<OpenReply>(ROOT_OBJECT, 'open', request);
  if (answer.isLost) return UNAVAILABLE;
  if (!answer.value.ok) return answer.value;
  return { ok: true, value: new RemoteMailbox(peer, answer.value.value.metadataValueBytes) };
}

class RemoteMailbox implements MailboxPort {
  readonly otherUsersPrefix: undefined = undefined;
  readonly metadataValueBytes: number;
  readonly #peer: PeerClient;

  constructor(peer: PeerClient, metadataValueBytes: number) {
    this.#peer = peer;
    this.metadataValueBytes = metadataValueBytes;
  }

  /** Gap: NOTIFY tells of one's own mailbox alone; nobody asks here. */
  subscribeMailbox(): () => void {
    return () => undefined;
  }

  listFolders(): Promise<readonly FolderSummary[]> {
    return this.#ask<readonly FolderSummary[]>([], 'listFolders');
  }

  listDeadSubscriptions(): Promise<readonly string[]> {
    return this.#ask<readonly string[]>([], 'listDeadSubscriptions');
  }

  statusOf(path: string): Promise<Outcome<FolderStatus>> {
    return this.#try<FolderStatus>('statusOf', path);
  }

  async openFolder(path: string, isReadOnly: boolean): Promise<Outcome<FolderPort>> {
    const opened = await this.#try<OpenedFolder>('openFolder', path, isReadOnly);
    return opened.ok ? { ok: true, value: new RemoteFolder(this.#peer, opened.value) } : opened;
  }

  createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>> {
    return this.#try<string>('createFolder', path, isSelectable, specialUse);
  }

  setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>> {
    return this.#try<void>('setSpecialUse', path, specialUse);
  }

  deleteFolder(path: string): Promise<Outcome<void>> {
    return this.#try<void>('deleteFolder', path);
  }

  renameFolder(from: string, to: string): Promise<Outcome<void>> {
    return this.#try<void>('renameFolder', from, to);
  }

  setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    return this.#try<void>('setSubscribed', path, isSubscribed);
  }

  async startAppend(path: string, replaced?: ReplacedMessage): Promise<Outcome<AppendPort>> {
    const started = await this.#try<number>('startAppend', path, atPeer(replaced));
    return started.ok ? { ok: true, value: new RemoteAppend(this.#peer, started.value) } : started;
  }

  quotaRootOf(path: string): Promise<Outcome<QuotaRoot>> {
    return this.#try<QuotaRoot>('quotaRootOf', path);
  }

  findQuotaRoot(name: string): Promise<QuotaRoot | undefined> {
    return this.#ask<QuotaRoot | undefined>(undefined, 'findQuotaRoot', name);
  }

  readMetadata(path: string | undefined): Promise<Outcome<Metadata>> {
    return this.#try<Metadata>('readMetadata', path);
  }

  setMetadata(
    path: string | undefined,
    values: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>> {
    return this.#try<void>('setMetadata', path, values);
  }

  canonicalIdentifier(identifier: string): Promise<Outcome<string>> {
    return this.#try<string>('canonicalIdentifier', identifier);
  }

  rightsOf(path: string): Promise<Outcome<string>> {
    return this.#try<string>('rightsOf', path);
  }

  readAccessList(path: string): Promise<Outcome<AccessList>> {
    return this.#try<AccessList>('readAccessList', path);
  }

  setAccess(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>> {
    return this.#try<void>('setAccess', path, identifier, rights);
  }

  #try<Value>(method: string, ...args: unknown[]): Promise<Outcome<Value>> {
    return this.#ask<Outcome<Value>>(UNAVAILABLE, method, ...args);
  }

  async #ask<Value>(whenLost: Value, method: string, ...args: unknown[]): Promise<Value> {
    const answer = await this.#peer.call<Value>(ROOT_OBJECT, method, ...args);
    return answer.isLost ? whenLost : answer.value;
  }
}

class RemoteAppend implements AppendPort {
  readonly #peer: PeerClient;
  readonly #object: number;

  constructor(peer: PeerClient, object: number) {
    this.#peer = peer;
    this.#object = object;
  }

  startMessage(message: ArrivingMessage): Promise<Outcome<void>> {
    return this.#try<void>('startMessage', message);
  }

  /** The connection's back-pressure is that of the store: there, one piece is taken at a time. */
  write(octets: Uint8Array): Promise<void> | undefined {
    return this.#peer.tell(this.#object, 'write', octets);
  }

  endMessage(): Promise<Outcome<void>> {
    return this.#try<void>('endMessage');
  }

  async commit(replaced: ReplacedMessage | undefined): Promise<Outcome<StoredMessages>> {
    const stored = await this.#try<StoredMessages>('commit', atPeer(replaced));
    void this.#peer.tell(ROOT_OBJECT, 'release', this.#object);
    return stored;
  }

  async abort(): Promise<void> {
    await this.#peer.tell(ROOT_OBJECT, 'release', this.#object);
  }

  async #try<Value>(method: string, ...args: unknown[]): Promise<Outcome<Value>> {
    const answer = await this.#peer.call<Outcome<Value>>(this.#object, method, ...args);
    return answer.isLost ? UNAVAILABLE : answer.value;
  }
}

/** @throws If it is none of this mailbox: `SharedMailboxes` refuses those. */
function atPeer(replaced: ReplacedMessage | undefined): ReplacedAtPeer | undefined {
  if (replaced === undefined) return undefined;
  const { folder, uid } = replaced;
  if (!(folder instanceof RemoteFolder)) throw new Error('the message is in another mailbox');
  return { folder: folder.object, uid };
}
