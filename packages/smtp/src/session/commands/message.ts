/** DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030 §2): the message itself. */
import { DotUnstuffer } from '@homeward/wire';
import type { SmtpCommandOf } from '../../grammar/command.ts';
import { formatReply } from '../../grammar/reply.ts';
import { MessageReader } from '../message-reader.ts';
import type { MessageSink, Receipt, Refusal } from '../ports.ts';
import type { SessionContext } from '../session-context.ts';
import type { Transaction } from '../transaction.ts';

const PIECE_BYTES = 65_536;
/**
 * So much of a message that is refused already is still taken, so that its sender may hear why;
 * behind that the connection ends.
 */
const PATIENCE_BYTES = 64 * 1024 * 1024;

/**
 * A message may take ten minutes (Exchange: ConnectionTimeout), and longer only as long as it comes
 * at this pace; who sends an octet a minute holds a connection for nothing.
 */
const MESSAGE_GRACE_MS = 600_000;
const SLOWEST_BYTES_PER_MS = 1;

const NO_SENDER: Refusal = { code: 503, enhanced: '5.5.1', text: 'Say MAIL first' };
/** RFC 5321 §3.3. */
const NO_RECIPIENTS: Refusal = { code: 554, enhanced: '5.5.1', text: 'There are no recipients' };
const IN_CHUNKS: Refusal = { code: 503, enhanced: '5.5.1', text: 'The message comes by BDAT' };

/** @param flush Sends the replies so far: a client waits for 354 before it goes on. */
export async function runData(context: SessionContext, flush: () => Promise<void>): Promise<void> {
  const { transaction } = context;
  const problem = findProblem(transaction);
  if (problem !== undefined || transaction === undefined) {
    context.refuse(problem ?? NO_SENDER);
    return;
  }
  if (transaction.chunked !== undefined) {
    context.refuse(IN_CHUNKS);
    return;
  }
  const sink = await openSink(context, transaction);
  if ('code' in sink) {
    context.refuse(sink);
    await context.reset();
    return;
  }
  const reader = new MessageReader(sink, context.options.messageBytes);
  context.reply(354, undefined, 'Go on, and end with a lone dot');
  await flush();
  const isWhole = await orAbort(sink, () => readDotted(context, reader));
  await conclude(context, transaction, { sink, reader }, isWhole);
}

export async function runBdat(
  context: SessionContext,
  { octetCount, isLast }: SmtpCommandOf<'BDAT'>,
): Promise<void> {
  const { transaction } = context;
  const failure = findProblem(transaction) ?? (await openChunked(context, transaction));
  const chunked = transaction?.chunked;
  const read = (): Promise<boolean> => readCounted(context, octetCount, chunked?.reader);
  const isWhole = chunked === undefined ? await read() : await orAbort(chunked.sink, read);
  if (!isWhole || failure !== undefined || transaction === undefined || chunked === undefined) {
    await context.reset();
    if (isWhole) context.refuse(failure ?? NO_SENDER);
    // Behind a chunk that failed there may be more of the same message (RFC 3030 §2).
    if (isWhole && transaction !== undefined) {
      context.transaction = { ...transaction, chunked: undefined, failure: failure ?? NO_SENDER };
    }
    return;
  }
  if (isLast) await conclude(context, transaction, chunked, true);
  else context.reply(250, '2.0.0', `${octetCount} octets taken`);
}

function findProblem(transaction: Transaction | undefined): Refusal | undefined {
  if (transaction === undefined) return NO_SENDER;
  if (transaction.failure !== undefined) return transaction.failure;
  return transaction.recipients.length === 0 ? NO_RECIPIENTS : undefined;
}

/** @returns Why there is none. */
async function openChunked(
  context: SessionContext,
  transaction: Transaction | undefined,
): Promise<Refusal | undefined> {
  if (transaction === undefined || transaction.chunked !== undefined) return undefined;
  const sink = await openSink(context, transaction);
  if ('code' in sink) return sink;
  transaction.chunked = { sink, reader: new MessageReader(sink, context.options.messageBytes) };
  return undefined;
}

function openSink(
  { port, clientName }: SessionContext,
  { sender, parameters, recipients }: Transaction,
): Promise<MessageSink | Refusal> {
  return port.openMessage({ sender, parameters, recipients, clientName: clientName ?? '' });
}

/** A message whose reading fails leaves nothing. */
async function orAbort(sink: MessageSink, read: () => Promise<boolean>): Promise<boolean> {
  try {
    return await read();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** @returns False if the connection ended before the message. */
async function readDotted(context: SessionContext, reader: MessageReader): Promise<boolean> {
  const { input } = context;
  const startedMs = context.options.elapsedMs();
  const unstuffer = new DotUnstuffer();
  for (;;) {
    const octets = await input.readSome(PIECE_BYTES);
    if (typeof octets === 'string') return loseClient(context, octets);
    const piece = unstuffer.push(octets);
    const written = reader.push(piece.octets);
    if (written !== undefined) await written;
    if (piece.isEnd) {
      input.pushBack(piece.rest);
      return true;
    }
    if (isTooPatient(context, reader.sizeBytes)) return false;
    if (isTooSlow(context, startedMs, reader.sizeBytes)) return false;
    await context.options.breathe();
  }
}

/** @returns False if the connection ended before the chunk. */
async function readCounted(
  context: SessionContext,
  octetCount: number,
  reader: MessageReader | undefined,
): Promise<boolean> {
  const startedMs = context.options.elapsedMs();
  let readBytes = 0;
  for (let leftCount = octetCount; leftCount > 0;) {
    const octets = await context.input.readSome(Math.min(leftCount, PIECE_BYTES));
    if (typeof octets === 'string') return loseClient(context, octets);
    leftCount -= octets.length;
    readBytes += octets.length;
    const written = reader?.push(octets);
    if (written !== undefined) await written;
    if (isTooPatient(context, reader?.sizeBytes ?? readBytes)) return false;
    if (isTooSlow(context, startedMs, readBytes)) return false;
    await context.options.breathe();
  }
  return true;
}

function isTooPatient(context: SessionContext, sizeBytes: number): boolean {
  const { messageBytes } = context.options;
  if (messageBytes === 0 || sizeBytes <= messageBytes + PATIENCE_BYTES) return false;
  context.reply(552, '5.3.4', 'The message is too big by far');
  context.finish('protocol-error');
  return true;
}

function isTooSlow(context: SessionContext, startedMs: number, sizeBytes: number): boolean {
  const tookMs = context.options.elapsedMs() - startedMs;
  if (tookMs <= MESSAGE_GRACE_MS + sizeBytes / SLOWEST_BYTES_PER_MS) return false;
  context.finish('idle-too-long');
  return true;
}

function loseClient(context: SessionContext, end: 'ended' | 'timed-out' | 'broken'): false {
  context.finish(end === 'timed-out' ? 'idle-too-long' : 'client-gone');
  return false;
}

/** The message is over, whole or not: commits or aborts it, and answers. */
async function conclude(
  context: SessionContext,
  transaction: Transaction,
  { sink, reader }: { readonly sink: MessageSink; readonly reader: MessageReader },
  isWhole: boolean,
): Promise<void> {
  context.transaction = undefined;
  if (!isWhole) {
    await sink.abort();
    return;
  }
  const problem = await reader.finish();
  const recipientCount = transaction.recipients.length;
  let receipt: Receipt | undefined;
  if (problem === undefined) receipt = await sink.commit();
  else await sink.abort();
  const refusals = receipt?.refusals ?? transaction.recipients.map(() => problem);
  answer(context, refusals, receipt?.reference);
  context.options.observe({
    kind: 'message',
    sizeBytes: reader.sizeBytes,
    recipientCount,
    refusedCount: refusals.filter((refusal) => refusal !== undefined).length,
    reference: receipt?.reference,
  });
}

/** LMTP: one reply for each recipient (RFC 2033 §4.2); SMTP: one for the message. */
function answer(
  context: SessionContext,
  refusals: readonly (Refusal | undefined)[],
  reference: string | undefined,
): void {
  const taken = { code: 250, enhanced: '2.0.0', text: `Taken as ${reference}` } as const;
  if (context.options.protocol === 'lmtp') {
    for (const refusal of refusals) {
      const { code, enhanced, text } = refusal ?? taken;
      context.say(code, formatReply(code, enhanced, text));
    }
    return;
  }
  const isTaken = refusals.some((refusal) => refusal === undefined);
  context.refuse(isTaken ? taken : (refusals[0] ?? NO_RECIPIENTS));
}
