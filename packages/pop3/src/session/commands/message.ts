/** RETR and DELE (RFC 1939 §5), TOP (RFC 1939 §7). */
import type { Pop3CommandOf } from '../../grammar/command.ts';
import { sendMessage } from '../message-sender.ts';
import type { SendRequest } from '../message-sender.ts';
import type { Outcome, SessionContext } from '../session-context.ts';
import { TopCutter } from '../top-cutter.ts';

const PIECE_BYTES = 65_536;
/** What a header takes, mostly, and what a line of a body takes: TOP reads no more at first. */
const HEADER_BYTES = 8192;
const LINE_BYTES = 128;

export async function runRetr(
  context: SessionContext,
  { message }: Pop3CommandOf<'RETR'>,
): Promise<Outcome> {
  const index = message - 1;
  const sizeBytes = await sendOpened(context, index, (size) => ({
    status: `${size} octets`,
    pieceBytes: PIECE_BYTES,
    cutter: undefined,
  }));
  if (sizeBytes === undefined) return 'ERR';
  context.maildrop.markSeen(index);
  context.options.observe({ kind: 'retrieved', sizeBytes });
  return 'OK';
}

export async function runTop(
  context: SessionContext,
  { message, lineCount }: Pop3CommandOf<'TOP'>,
): Promise<Outcome> {
  const sizeBytes = await sendOpened(context, message - 1, () => ({
    status: 'Top of message follows',
    pieceBytes: Math.min(PIECE_BYTES, HEADER_BYTES + lineCount * LINE_BYTES),
    cutter: new TopCutter(lineCount),
  }));
  return sizeBytes === undefined ? 'ERR' : 'OK';
}

export function runDele(context: SessionContext, { message }: Pop3CommandOf<'DELE'>): Outcome {
  const index = message - 1;
  if (context.view.find(index) === undefined) return noSuchMessage(context);
  context.view.markDeleted(index);
  return context.ok(`Message ${message} deleted`);
}

/** The answer to a number that is too high or marked deleted. */
export function noSuchMessage(context: SessionContext): Outcome {
  return context.err('No such message');
}

/** @returns The message's size, or undefined if it was not sent (and that was said). */
async function sendOpened(
  context: SessionContext,
  index: number,
  plan: (sizeBytes: number) => Omit<SendRequest, 'content'>,
): Promise<number | undefined> {
  if (context.view.find(index) === undefined) {
    noSuchMessage(context);
    return undefined;
  }
  const content = await context.maildrop.open(index);
  if (content === undefined) {
    context.err('That message was removed by another session');
    return undefined;
  }
  try {
    const isSent = await sendMessage(context, { content, ...plan(content.sizeBytes) });
    return isSent ? content.sizeBytes : undefined;
  } finally {
    await content.close();
  }
}
