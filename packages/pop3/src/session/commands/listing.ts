/** STAT, LIST (RFC 1939 §5) and UIDL (RFC 1939 §7). */
import type { Pop3CommandOf } from '../../grammar/command.ts';
import { formatOk } from '../../grammar/response.ts';
import type { MaildropMessage } from '../ports.ts';
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
  const title = `${count} messages (${sizeBytes} octets)`;
  return runListing(context, message, title, (entry) => entry.sizeBytes.toString());
}

export function runUidl(
  context: SessionContext,
  { message }: Pop3CommandOf<'UIDL'>,
): Outcome | Promise<Outcome> {
  return runListing(context, message, 'Unique-ids follow', (entry) => entry.uidl);
}

function runListing(
  context: SessionContext,
  message: number | undefined,
  title: string,
  describe: (entry: MaildropMessage) => string,
): Outcome | Promise<Outcome> {
  if (message === undefined) return listAll(context, title, describe);
  const entry = context.view.find(message - 1);
  if (entry === undefined) return noSuchMessage(context);
  return context.ok(`${message} ${describe(entry)}`);
}

/** Long lists leave in large pieces, with room for other sessions between them. */
async function listAll(
  context: SessionContext,
  title: string,
  describe: (entry: MaildropMessage) => string,
): Promise<Outcome> {
  const { view, writer, input } = context;
  let piece = formatOk(title);
  context.isInsideReply = true;
  for (let index = 0; index < view.length; index += 1) {
    const entry = view.find(index);
    if (entry !== undefined) piece += `${index + 1} ${describe(entry)}\r\n`;
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
