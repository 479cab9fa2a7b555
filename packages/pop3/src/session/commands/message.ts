/**
 * RETR and DELE (RFC 1939 §5), TOP (RFC 1939 §7). A client that has not said UTF8 gets headers in
 * UTF-8 as surrogates in ASCII (RFC 6856 §2.1); LIST and STAT tell the size of the message as it
 * is stored.
 */
import { isAscii } from 'node:buffer';
import { SurrogateWriter } from '@homeward/mime';
import type { Pop3CommandOf } from '../../grammar/command.ts';
import type { Texts } from '../../grammar/texts/texts.ts';
import { sendPieces, sendWhole } from '../message-sender.ts';
import type { SendPlan } from '../message-sender.ts';
import { PIECE_BYTES } from '../session-context.ts';
import type { Outcome, SessionContext } from '../session-context.ts';
import { TopCutter } from '../top-cutter.ts';

/** What a header takes, mostly, and what a line of a body takes: TOP reads no more at first. */
const HEADER_BYTES = 8192;
const LINE_BYTES = 128;

/** How, once the size is known; what is to be rewritten is found out later. */
type PlanBySize = (sizeBytes: number) => Omit<SendPlan, 'rewriter'>;

export function runRetr(
  context: SessionContext,
  { message }: Pop3CommandOf<'RETR'>,
): Outcome | Promise<Outcome> {
  const index = context.view.findIndex(message);
  if (index === undefined) return noSuchMessage(context);
  return sendMessage(
    context,
    index,
    (size) => planRetr(context.texts, size),
    (sizeBytes) => {
      // The client has it now, or will have it if the connection holds.
      context.readAhead.noteFetched(message);
      context.view.markRetrieved(index);
      context.maildrop.markSeen(index);
      context.options.observe({ kind: 'retrieved', sizeBytes });
    },
  );
}

export function runTop(
  context: SessionContext,
  { message, lineCount }: Pop3CommandOf<'TOP'>,
): Outcome | Promise<Outcome> {
  const index = context.view.findIndex(message);
  if (index === undefined) return noSuchMessage(context);
  return sendMessage(context, index, () => planTop(context.texts, lineCount));
}

export function runDele(context: SessionContext, { message }: Pop3CommandOf<'DELE'>): Outcome {
  const index = context.view.findIndex(message);
  if (index === undefined) return noSuchMessage(context);
  if (!context.maildrop.mayRemove) {
    return context.err(context.texts.onlyToBeRead, 'SYS/PERM');
  }
  context.view.markDeleted(index);
  return context.ok(context.texts.messageDeleted(message));
}

/** The answer to a number that is too high or marked deleted. */
export function noSuchMessage(context: SessionContext): Outcome {
  return context.err(context.texts.noSuchMessage);
}

function planRetr(texts: Texts, sizeBytes: number): Omit<SendPlan, 'rewriter'> {
  return { status: texts.octets(sizeBytes), pieceBytes: PIECE_BYTES, cutter: undefined };
}

function planTop(texts: Texts, lineCount: number): Omit<SendPlan, 'rewriter'> {
  return {
    status: texts.topFollows,
    pieceBytes: Math.min(PIECE_BYTES, HEADER_BYTES + lineCount * LINE_BYTES),
    cutter: new TopCutter(lineCount),
  };
}

/** Mail that is there as a whole, and needs no rewriting, is sent without a wait. */
function sendMessage(
  context: SessionContext,
  index: number,
  plan: PlanBySize,
  onSent?: (sizeBytes: number) => void,
): Outcome | Promise<Outcome> {
  const opened = context.readAhead.open(index);
  if (!(opened instanceof Uint8Array)) {
    return sendOpened(context, index, opened, plan, onSent);
  }
  if (!context.options.isUtf8 && !isAscii(opened)) {
    return sendSurrogate(context, index, opened, plan, onSent);
  }
  sendWhole(context, opened, { ...plan(opened.length), rewriter: undefined });
  onSent?.(opened.length);
  return 'OK';
}

async function sendSurrogate(
  context: SessionContext,
  index: number,
  octets: Uint8Array,
  plan: PlanBySize,
  onSent: ((sizeBytes: number) => void) | undefined,
): Promise<Outcome> {
  const rewriter = new SurrogateWriter(await context.maildrop.findHeaders(index));
  sendWhole(context, octets, { ...plan(octets.length), rewriter });
  onSent?.(octets.length);
  return 'OK';
}

async function sendOpened(
  context: SessionContext,
  index: number,
  opened: Exclude<ReturnType<SessionContext['readAhead']['open']>, Uint8Array>,
  plan: PlanBySize,
  onSent: ((sizeBytes: number) => void) | undefined,
): Promise<Outcome> {
  const content = await opened;
  if (content === undefined) return context.err(context.texts.removedElsewhere);
  const { sizeBytes } = content;
  try {
    const rewriter = context.options.isUtf8
      ? undefined
      : new SurrogateWriter(await context.maildrop.findHeaders(index));
    if (!(await sendPieces(context, content, { ...plan(sizeBytes), rewriter }))) return 'ERR';
    onSent?.(sizeBytes);
    return 'OK';
  } finally {
    await content.close();
  }
}
