/** RETR and DELE (RFC 1939 §5), TOP (RFC 1939 §7). */
import type { Pop3CommandOf } from '../../grammar/command.ts';
import type { Texts } from '../../grammar/texts/texts.ts';
import { sendPieces, sendWhole } from '../message-sender.ts';
import type { SendPlan } from '../message-sender.ts';
import type { MaildropContent } from '../ports.ts';
import { PIECE_BYTES } from '../session-context.ts';
import type { Outcome, SessionContext } from '../session-context.ts';
import { TopCutter } from '../top-cutter.ts';

/** What a header takes, mostly, and what a line of a body takes: TOP reads no more at first. */
const HEADER_BYTES = 8192;
const LINE_BYTES = 128;

export function runRetr(
  context: SessionContext,
  { message }: Pop3CommandOf<'RETR'>,
): Outcome | Promise<Outcome> {
  const index = context.view.findIndex(message);
  if (index === undefined) return noSuchMessage(context);
  const opened = context.readAhead.open(index);
  if (!(opened instanceof Uint8Array)) return retrievePieces(context, message, index, opened);
  sendWhole(context, opened, planRetr(context.texts, opened.length));
  noteRetrieved(context, message, index, opened.length);
  return 'OK';
}

export function runTop(
  context: SessionContext,
  { message, lineCount }: Pop3CommandOf<'TOP'>,
): Outcome | Promise<Outcome> {
  const index = context.view.findIndex(message);
  if (index === undefined) return noSuchMessage(context);
  const plan = planTop(context.texts, lineCount);
  const opened = context.readAhead.open(index);
  if (!(opened instanceof Uint8Array)) return topOfPieces(context, opened, plan);
  sendWhole(context, opened, plan);
  return 'OK';
}

export function runDele(context: SessionContext, { message }: Pop3CommandOf<'DELE'>): Outcome {
  const index = context.view.findIndex(message);
  if (index === undefined) return noSuchMessage(context);
  context.view.markDeleted(index);
  return context.ok(context.texts.messageDeleted(message));
}

/** The answer to a number that is too high or marked deleted. */
export function noSuchMessage(context: SessionContext): Outcome {
  return context.err(context.texts.noSuchMessage);
}

function planRetr(texts: Texts, sizeBytes: number): SendPlan {
  return { status: texts.octets(sizeBytes), pieceBytes: PIECE_BYTES, cutter: undefined };
}

function planTop(texts: Texts, lineCount: number): SendPlan {
  return {
    status: texts.topFollows,
    pieceBytes: Math.min(PIECE_BYTES, HEADER_BYTES + lineCount * LINE_BYTES),
    cutter: new TopCutter(lineCount),
  };
}

async function retrievePieces(
  context: SessionContext,
  message: number,
  index: number,
  opened: Promise<MaildropContent | undefined>,
): Promise<Outcome> {
  const sizeBytes = await sendOpened(context, opened, (size) => planRetr(context.texts, size));
  if (sizeBytes === undefined) return 'ERR';
  noteRetrieved(context, message, index, sizeBytes);
  return 'OK';
}

async function topOfPieces(
  context: SessionContext,
  opened: Promise<MaildropContent | undefined>,
  plan: SendPlan,
): Promise<Outcome> {
  return (await sendOpened(context, opened, () => plan)) === undefined ? 'ERR' : 'OK';
}

/** @returns The message's size, or undefined if it was not sent (and that was said). */
async function sendOpened(
  context: SessionContext,
  opened: Promise<MaildropContent | undefined>,
  plan: (sizeBytes: number) => SendPlan,
): Promise<number | undefined> {
  const content = await opened;
  if (content === undefined) {
    context.err(context.texts.removedElsewhere);
    return undefined;
  }
  try {
    const isSent = await sendPieces(context, content, plan(content.sizeBytes));
    return isSent ? content.sizeBytes : undefined;
  } finally {
    await content.close();
  }
}

/** The client has the message, or will have it when the connection holds. */
function noteRetrieved(
  context: SessionContext,
  message: number,
  index: number,
  sizeBytes: number,
): void {
  context.readAhead.noteFetched(message);
  context.maildrop.markSeen(index);
  context.options.observe({ kind: 'retrieved', sizeBytes });
}
