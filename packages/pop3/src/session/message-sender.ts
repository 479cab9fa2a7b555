/**
 * Sends one message as a multi-line reply (RFC 1939 §3), dot-stuffed: a small one as a whole, a
 * large one in pieces of bounded size and under back-pressure; the next piece is read while the
 * last one is written.
 *
 * Deviation: a dot behind a bare LF is stuffed as well. Many clients split at LF, and a message with
 * LF . LF in it would give them a reply of the sender's making; a client that splits at CRLF
 * only sees one dot too many, in a message that is broken anyway.
 */
import { DotStuffer, viewAsBuffer } from '@homeward/wire';
import { formatOk } from '../grammar/response.ts';
import type { MaildropContent } from './ports.ts';
import type { ReplyWriter } from './reply-writer.ts';
import type { SessionContext } from './session-context.ts';

/** Looks at each piece; says how much of it to send and whether to stop there. */
export interface Cutter {
  take(piece: Buffer): { readonly count: number; readonly isDone: boolean };
}

/** Replaces what a client would not understand, piece by piece. */
export interface Rewriter {
  push(octets: Uint8Array): readonly Buffer[];
  finish(): readonly Buffer[];
}

/** How a message is to be sent. */
export interface SendPlan {
  /** Text of +OK; said once the first piece is there, so that a failing store can still say no. */
  readonly status: string;
  /** How much of a large message is read at once. */
  readonly pieceBytes: number;
  /** Undefined sends it as it is. */
  readonly rewriter: Rewriter | undefined;
  /** Undefined sends everything. */
  readonly cutter: Cutter | undefined;
}

/** Adds a message that is there as a whole to what the writer has gathered. */
export function sendWhole(context: SessionContext, octets: Uint8Array, plan: SendPlan): void {
  const stuffer = new DotStuffer('any-lf');
  context.writer.say(formatOk(plan.status));
  addPiece(context.writer, stuffer, plan, viewAsBuffer(octets), true);
  context.writer.say(stuffer.end());
}

/**
 * @returns false if the connection broke meanwhile.
 * @throws What the store throws; `context.isInsideReply` tells whether the reply had begun.
 */
export async function sendPieces(
  context: SessionContext,
  content: MaildropContent,
  plan: SendPlan,
): Promise<boolean> {
  const { writer, input } = context;
  const stuffer = new DotStuffer('any-lf');
  let offset = 0;
  let piece = await readPiece(content, offset, plan.pieceBytes);
  writer.say(formatOk(plan.status));
  context.isInsideReply = true;
  for (;;) {
    offset += piece.length;
    const isLast = offset >= content.sizeBytes;
    if (addPiece(writer, stuffer, plan, piece, isLast) || isLast) {
      writer.say(stuffer.end());
      context.isInsideReply = false;
      await writer.flush();
      return !input.isBroken;
    }
    input.watch();
    [piece] = await Promise.all([readPiece(content, offset, plan.pieceBytes), writer.flush()]);
    if (input.isBroken) return false;
  }
}

/** @returns true if nothing behind it is wanted. */
function addPiece(
  writer: ReplyWriter,
  stuffer: DotStuffer,
  { rewriter, cutter }: SendPlan,
  piece: Buffer,
  isLast: boolean,
): boolean {
  for (const part of rewrite(rewriter, piece, isLast)) {
    const cut = cutter?.take(part) ?? { count: part.length, isDone: false };
    writer.add(stuffer.encode(part.subarray(0, cut.count)));
    if (cut.isDone) return true;
  }
  return false;
}

function rewrite(
  rewriter: Rewriter | undefined,
  piece: Buffer,
  isLast: boolean,
): readonly Buffer[] {
  if (rewriter === undefined) return [piece];
  const written = rewriter.push(piece);
  return isLast ? [...written, ...rewriter.finish()] : written;
}

/** @returns At least one octet, unless the message is empty. */
async function readPiece(
  content: MaildropContent,
  offset: number,
  pieceBytes: number,
): Promise<Buffer> {
  const count = Math.min(pieceBytes, content.sizeBytes - offset);
  if (count === 0) return Buffer.alloc(0);
  const piece = await content.read(offset, count);
  if (piece.length === 0) throw new Error(`the store gave no octets at ${offset}`);
  return viewAsBuffer(piece);
}
