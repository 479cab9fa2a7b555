/** The steps that tests of a store are made of. */
import type {
  AppendedMessages,
  Folder,
  Mailbox,
  MailStore,
  MessageContent,
  MessageSink,
  NewMessage,
  Outcome,
  Refusal,
  ReplacedMessage,
  Uid,
} from '../api.ts';

/** The value of an outcome that must be good. */
export function valueOf<Value, Reason>(outcome: Outcome<Value, Reason>): Value {
  if (!outcome.ok) throw new Error(`refused: ${String(outcome.reason)}`);
  return outcome.value;
}

/** The reason of an outcome that must be bad. */
export function reasonOf<Value, Reason>(outcome: Outcome<Value, Reason>): Reason {
  if (outcome.ok) throw new Error('not refused');
  return outcome.reason;
}

/** The same of many outcomes, of whatever kinds. */
export function reasonsOf(outcomes: readonly Outcome<unknown>[]): Refusal[] {
  return outcomes.map((outcome) => reasonOf(outcome));
}

export function asUids(...uids: number[]): Uid[] {
  return uids as Uid[];
}

export function asUid(uid: number): Uid {
  return uid as Uid;
}

/** What must be there. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('missing');
  return value;
}

/** A message of about `bodyBytes`, told apart by `name`. */
export function makeMessage(name: string, bodyBytes: number = 100): Buffer {
  const header = `Subject: ${name}\r\nMessage-ID: <${name}@example.org>\r\n\r\n`;
  return Buffer.from(header + `${name} `.repeat(Math.ceil(bodyBytes / (name.length + 1))));
}

export async function openMailbox(
  store: MailStore,
  accountId: string = 'ACCOUNT1',
): Promise<Mailbox> {
  return valueOf(await store.openMailbox(accountId, { epoch: 1, create: true }));
}

/** Appends in pieces. @returns The UID. */
export async function append(
  mailbox: Mailbox,
  octets: Uint8Array,
  request: Partial<TestAppend> = {},
): Promise<Uid> {
  return present(valueOf(await tryAppend(mailbox, octets, request)).uids[0]);
}

/** An append of one message. */
export interface TestAppend extends NewMessage {
  readonly path: string;
  readonly replacing: ReplacedMessage;
}

export async function tryAppend(
  mailbox: Mailbox,
  octets: Uint8Array,
  { path = 'INBOX', replacing, ...message }: Partial<TestAppend> = {},
): Promise<Outcome<AppendedMessages>> {
  return tryAppendAll(mailbox, path, [{ octets, ...message }], replacing);
}

/** What a test appends; by default without flags, with its size announced. */
export type TestMessage = Partial<NewMessage> & { readonly octets: Uint8Array };

/** Appends all or none, as a session would: what is refused is aborted. */
export async function tryAppendAll(
  mailbox: Mailbox,
  path: string,
  messages: readonly TestMessage[],
  replacing?: ReplacedMessage,
): Promise<Outcome<AppendedMessages>> {
  const started = await mailbox.startAppend(path, replacing);
  if (!started.ok) return started;
  const sink = started.value;
  for (const message of messages) {
    const taken = await writeMessage(sink, message);
    if (taken.ok) continue;
    await sink.abort();
    return taken;
  }
  return sink.commit(replacing);
}

async function writeMessage(
  sink: MessageSink,
  { octets, ...announced }: TestMessage,
): Promise<Outcome<void>> {
  const started = await sink.startMessage({
    flags: [],
    internalDate: undefined,
    sizeBytes: octets.length,
    ...announced,
  });
  if (!started.ok) return started;
  for (let from = 0; from < octets.length; from += 70_000) {
    await sink.write(octets.subarray(from, from + 70_000));
  }
  return sink.endMessage();
}

export async function openFolder(
  mailbox: Mailbox,
  path: string = 'INBOX',
  isReadOnly: boolean = false,
): Promise<Folder> {
  return valueOf(await mailbox.openFolder(path, isReadOnly));
}

export function listUids(folder: Folder): number[] {
  const { values, length } = folder.index.uids;
  return [...values.subarray(0, length)];
}

/** Flags of the message, as they are published. */
export function flagsOf(folder: Folder, uid: Uid): readonly string[] {
  return folder.index.flagsAt(folder.index.positionOf(uid)).names;
}

/** All octets of a message that must be there. */
export async function readMessage(folder: Folder, uid: Uid): Promise<Buffer> {
  const content = await folder.openMessage(uid);
  if (content === undefined) throw new Error(`message ${uid} is gone`);
  return readContent(content);
}

/** Reads to the end in odd pieces and closes. */
export async function readContent(content: MessageContent): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < content.sizeBytes;) {
    const piece = await content.read(offset, 65_537);
    if (piece.length === 0) throw new Error('a message ended early');
    pieces.push(piece);
    offset += piece.length;
  }
  await content.close();
  return Buffer.concat(pieces);
}
