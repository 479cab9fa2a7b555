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
import type { SessionContext } from './session-context.ts';

/** Looks at each piece; says how much of it to send and whether to stop there. */
export interface Cutter {
  take(piece: Buffer): { readonly count: number; readonly isDone: boolean };
}

/** How a message is to be sent. */
export interface SendPlan {
  /** Text of +OK; said once the first piece is there, so that a failing store can still say no. */
  readonly status: string;
  /** How much of a large message is read at once. */
  readonly pieceBytes: number;
  /** Undefined sends everything. */
  readonly cutter: Cutter | undefined;
}

/** Adds a message that is there as a whole to what the writer has gathered. */
export function sendWhole(
  context: SessionContext,
  octets: Uint8Array,
  { status, cutter }: SendPlan,
): void {
  const stuffer = new DotStuffer('any-lf');
  const message = viewAsBuffer(octets);
  const count = cutter?.take(message).count ?? message.length;
  context.writer.say(formatOk(status));
  context.writer.add(stuffer.encode(message.subarray(0, count)));
  context.writer.say(stuffer.end());
}

/**
 * @returns false if the connection broke meanwhile.
 * @throws What the store throws; `context.isInsideReply` tells whether the reply had begun.
 */
export async function sendPieces(
  context: SessionContext,
  content: MaildropContent,
  { status, pieceBytes, cutter }: SendPlan,
): Promise<boolean> {
  const { writer, input } = context;
  const stuffer = new DotStuffer('any-lf');
  let offset = 0;
  let piece = await readPiece(content, offset, pieceBytes);
  writer.say(formatOk(status));
  context.isInsideReply = true;
  for (;;) {
    offset += piece.length;
    const cut = cutter?.take(piece) ?? { count: piece.length, isDone: false };
    const isLast = cut.isDone || offset >= content.sizeBytes;
    writer.add(stuffer.encode(piece.subarray(0, cut.count)));
    if (isLast) {
      writer.say(stuffer.end());
      context.isInsideReply = false;
      await writer.flush();
      return !input.isBroken;
    }
    input.watch();
    [piece] = await Promise.all([readPiece(content, offset, pieceBytes), writer.flush()]);
    if (input.isBroken) return false;
  }
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
