/** STAT, LIST (RFC 1939 §5) and UIDL (RFC 1939 §7). */
import type { Pop3CommandOf } from '../../grammar/command.ts';
import { formatOk } from '../../grammar/response.ts';
import type { Outcome, SessionContext } from '../session-context.ts';
import { noSuchMessage } from './message.ts';

/** A listing goes out in pieces of about this size. */
const LISTING_PIECE_BYTES = 32_768;

export function runStat(context: SessionContext): Outcome {
  return context.ok(`${context.view.count} ${context.view.sizeBytes}`);
}

export function runList(
  context: SessionContext,
  { message }: Pop3CommandOf<'LIST'>,
): Outcome | Promise<Outcome> {
  const { count, sizeBytes } = context.view;
  const title = context.texts.maildropSize(count, sizeBytes);
  const { maildrop } = context;
  return runListing(context, message, title, (index) => maildrop.sizeBytesAt(index).toString());
}

export function runUidl(
  context: SessionContext,
  { message }: Pop3CommandOf<'UIDL'>,
): Outcome | Promise<Outcome> {
  const { maildrop } = context;
  const title = context.texts.uniqueIdsFollow;
  return runListing(context, message, title, (index) => maildrop.uidlAt(index));
}

/** What a line says behind the number; asked for as the line is written. */
type Describe = (index: number) => string;

function runListing(
  context: SessionContext,
  message: number | undefined,
  title: string,
  describe: Describe,
): Outcome | Promise<Outcome> {
  if (message === undefined) return listAll(context, title, describe);
  const index = context.view.findIndex(message);
  if (index === undefined) return noSuchMessage(context);
  return context.ok(`${message} ${describe(index)}`);
}

/** Long lists leave in large pieces, with room for other sessions between them. */
async function listAll(
  context: SessionContext,
  title: string,
  describe: Describe,
): Promise<Outcome> {
  const { view, writer, input } = context;
  let piece = formatOk(title);
  context.isInsideReply = true;
  for (let message = 1; message <= view.length; message += 1) {
    const index = view.findIndex(message);
    if (index !== undefined) piece += `${message} ${describe(index)}\r\n`;
    if (piece.length >= LISTING_PIECE_BYTES) {
      writer.say(piece);
      piece = '';
      input.watch();
      await writer.flush();
      await context.options.breathe();
      if (input.isBroken) return 'ERR';
    }
  }
  writer.say(`${piece}.\r\n`);
  context.isInsideReply = false;
  return 'OK';
}
