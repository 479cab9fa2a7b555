/** A mailbox used from another worker, against a mailbox that does as the test says. */
import type {
  FolderIndex,
  FolderPort,
  MailboxPort,
  MessageContent,
  ModSeq,
  Uid,
} from '@homeward/imap/session';
import { createMemoryStreamPair, FakeClock } from '@homeward/testkit';
import type { AccountId } from '@homeward/directory';
import { describe, expect, it } from 'vitest';
import { MirroredIndex } from './index-mirror.ts';
import { serveMailbox } from './mailbox-server.ts';
import { PeerClient } from './peer-client.ts';
import { openRemoteMailbox } from './remote-mailbox.ts';

const request = { owner: 'owner' as AccountId, grantee: 'grantee' as AccountId };

/** A folder with messages of UIDs 1 to n. */
class ScriptedFolder {
  readonly path = 'INBOX';
  readonly isReadOnly = false;
  readonly uidValidity = 7;
  readonly mailboxId = 'F1';
  readonly firstRecentUid = 1;
  rights: string | undefined = 'lr';
  isGone = false;
  isClosed = false;
  publish: () => void = () => undefined;
  index: FolderIndex = indexOf(2);
  readonly contents: ScriptedContent[] = [];

  subscribe(listener: () => void): () => void {
    this.publish = listener;
    return () => undefined;
  }

  /** Done, and not published yet: nobody has been told. */
  async expunge(): Promise<unknown> {
    this.index = indexOf(1);
    return { ok: true, value: [2] };
  }

  async readFacts(uids: readonly number[]): Promise<unknown> {
    return uids.map((uid) => ({ uid }));
  }

  async openMessage(): Promise<MessageContent> {
    const content = new ScriptedContent();
    this.contents.push(content);
    return content;
  }

  close(): void {
    this.isClosed = true;
  }
}

class ScriptedContent implements MessageContent {
  readonly sizeBytes = 100_000;
  isClosed = false;
  readonly reads: [number, number][] = [];

  async read(offset: number, count: number): Promise<Uint8Array> {
    this.reads.push([offset, count]);
    return Buffer.alloc(Math.min(count, this.sizeBytes - offset), 'x');
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

function indexOf(messageCount: number): FolderIndex {
  const uids = Array.from({ length: messageCount }, (_, order) => order + 1);
  const index = new MirroredIndex();
  index.apply({
    removed: new Uint32Array(0),
    changed: {
      uids: new Uint32Array(0),
      modSeqs: new Float64Array(0),
      flags: new Uint32Array(0),
    },
    added: {
      uids: Uint32Array.from(uids),
      sizes: Float64Array.from(uids),
      dates: Float64Array.from(uids),
      zones: Int16Array.from(uids),
      modSeqs: Float64Array.from(uids),
      flags: new Uint32Array(messageCount),
    },
    flagSets: [[]],
    keywords: [],
    uidNext: messageCount + 1,
    highestModSeq: messageCount + 1,
  });
  return index;
}

async function openWorld(): Promise<{
  readonly folder: ScriptedFolder;
  readonly remote: FolderPort;
  readonly peer: PeerClient;
  readonly served: Promise<void>;
  readonly isMailboxClosed: () => boolean;
}> {
  const folder = new ScriptedFolder();
  const { client, server } = createMemoryStreamPair();
  let isMailboxClosed = false;
  const mailbox = {
    metadataValueBytes: 5,
    openFolder: async () => ({ ok: true, value: folder }),
  } as unknown as MailboxPort;
  const served = serveMailbox(server, {
    open: async () => ({
      ok: true,
      value: { mailbox, close: () => void (isMailboxClosed = true) },
    }),
    onFault: (error) => {
      throw error;
    },
  });
  const peer = new PeerClient({
    stream: client,
    clock: new FakeClock(),
    destroy: () => client.destroy(),
  });
  const opened = await openRemoteMailbox(peer, request);
  if (!opened.ok) throw new Error(opened.reason);
  expect(opened.value.metadataValueBytes).toBe(5);
  const inbox = await opened.value.openFolder('INBOX', false);
  if (!inbox.ok) throw new Error(inbox.reason);
  return { folder, remote: inbox.value, peer, served, isMailboxClosed: () => isMailboxClosed };
}

describe('a folder of another worker', () => {
  it('has done in its index what it says is done', async () => {
    const { remote } = await openWorld();
    expect(remote.index.uids.length).toBe(2);
    expect(await remote.expunge(undefined)).toEqual({ ok: true, value: [2] });
    expect(remote.index.uids.length).toBe(1);
  });

  it('tells what others did, and when it is there no more', async () => {
    const { folder, remote } = await openWorld();
    let toldCount = 0;
    remote.subscribe(() => (toldCount += 1));
    folder.index = indexOf(3);
    folder.publish();
    await expect.poll(() => remote.index.uids.length).toBe(3);
    expect(remote.hasFlagChangesSince(2 as ModSeq)).toBe(true);
    folder.rights = '';
    folder.isGone = true;
    folder.publish();
    await expect.poll(() => remote.isGone).toBe(true);
    expect([remote.rights, toldCount]).toEqual(['', 2]);
    folder.publish();
    await remote.readFacts([1 as Uid], new Set());
    expect(toldCount).toBe(2);
  });

  it('is gone with its worker: nothing hangs, nothing is made up', async () => {
    const { remote, peer } = await openWorld();
    const content = await remote.openMessage(1 as Uid);
    peer.close();
    expect(await remote.expunge(undefined)).toEqual({ ok: false, reason: 'unavailable' });
    expect(await remote.readFacts([1 as Uid], new Set())).toEqual([]);
    expect(await remote.findTextCandidates([{ scope: 'body', text: 'x' }])).toEqual([undefined]);
    expect(await remote.expungedSince(1 as ModSeq)).toBeUndefined();
    expect(await remote.openMessage(1 as Uid)).toBeUndefined();
    expect((await content?.read(0, 10))?.length).toBe(10);
    await expect(content?.read(90_000, 10)).rejects.toThrow('gone');
  });

  it('reads the start of a message with its opening, and the rest as it is wanted', async () => {
    const { folder, remote } = await openWorld();
    const content = await remote.openMessage(1 as Uid);
    expect((await content?.read(0, 65_536))?.length).toBe(65_536);
    expect((await content?.read(65_000, 1_000))?.length).toBe(1_000);
    expect((await content?.read(99_000, 5_000))?.length).toBe(1_000);
    expect(folder.contents[0]?.reads).toEqual([
      [0, 65_536],
      [65_000, 1_000],
      [99_000, 5_000],
    ]);
    await content?.close();
    await expect.poll(() => folder.contents[0]?.isClosed).toBe(true);
  });

  it('and its messages are closed by the session, or by the end of the connection', async () => {
    const first = await openWorld();
    first.remote.close();
    await expect.poll(() => first.folder.isClosed).toBe(true);
    expect(first.isMailboxClosed()).toBe(false);
    const second = await openWorld();
    await second.remote.openMessage(1 as Uid);
    second.peer.close();
    await second.served;
    expect(second.folder.isClosed).toBe(true);
    expect(second.folder.contents[0]?.isClosed).toBe(true);
    expect(second.isMailboxClosed()).toBe(true);
  });
});
