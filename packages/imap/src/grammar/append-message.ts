/**
 * What APPEND and REPLACE hold beside their messages' octets, piece by piece: from one streamed
 * literal to the next (RFC 3502 §7 append-message, RFC 4466 §6 append-data, RFC 4469 §5,
 * RFC 6855 §4). The octets themselves are never gathered.
 */
import type { ArgumentDecoder } from './argument-decoder.ts';
import type { AppendStep } from './command.ts';

/** Where the octets of a streamed literal belong, which decides what may come behind them. */
export type AppendPlace =
  /** A message by itself. */
  | 'message'
  /** Within UTF8 (…). */
  | 'utf8'
  /** Within CATENATE (…). */
  | 'catenate';

/** A piece of the command. */
export interface AppendPiece {
  readonly steps: readonly AppendStep[];
  /** Where the literal belongs that comes next; undefined at the end of the command. */
  readonly place: AppendPlace | undefined;
}

/** Which of the grammar's branches a command may take. */
export interface AppendForm {
  /** RFC 3502: one message may follow another. */
  readonly maySeveral: boolean;
}

/** Reads from the mailbox name to the first streamed literal, or to the end. */
export function parseFirstPiece(decoder: ArgumentDecoder, form: AppendForm): AppendPiece {
  const steps: AppendStep[] = [];
  return { steps, place: parseMessages(decoder, steps, form) };
}

/** Reads on behind a streamed literal. */
export function parseNextPiece(
  decoder: ArgumentDecoder,
  place: AppendPlace,
  form: AppendForm,
): AppendPiece {
  const steps: AppendStep[] = [];
  if (place === 'catenate') {
    if (parseMoreParts(decoder, steps)) return { steps, place };
  } else if (place === 'utf8') decoder.take(')');
  steps.push({ step: 'message-end' });
  if (!decoder.hasMore()) return { steps, place: undefined };
  if (!form.maySeveral) decoder.fail('the end of the command');
  return { steps, place: parseMessages(decoder, steps, form) };
}

/** `1*([SP flag-list] [SP date-time] SP append-data)`, as far as no literal is streamed. */
function parseMessages(
  decoder: ArgumentDecoder,
  steps: AppendStep[],
  form: AppendForm,
): AppendPlace | undefined {
  do {
    const place = parseMessage(decoder, steps);
    if (place !== undefined) return place;
    steps.push({ step: 'message-end' });
  } while (form.maySeveral && decoder.hasMore());
  decoder.end();
  return undefined;
}

/** @returns undefined if the message is whole, without a literal of its own. */
function parseMessage(decoder: ArgumentDecoder, steps: AppendStep[]): AppendPlace | undefined {
  decoder.space();
  const hasFlags = decoder.comesNext('(');
  const flags = hasFlags ? decoder.flagList() : [];
  if (hasFlags) decoder.space();
  const hasDate = decoder.comesNext('"');
  const internalDate = hasDate ? decoder.dateTime() : undefined;
  if (hasDate) decoder.space();
  const isCatenated = decoder.tryKeyword('CATENATE');
  const isUtf8 = !isCatenated && decoder.tryKeyword('UTF8');
  steps.push({
    step: 'message-start',
    options: { flags, internalDate, isUtf8, isCatenated },
  });
  if (isCatenated || isUtf8) {
    decoder.space();
    decoder.take('(');
  }
  if (isCatenated) return parseParts(decoder, steps) ? 'catenate' : undefined;
  decoder.streamedLiteral(
    isUtf8
      ? 'the message as a literal'
      : 'a flag list, a date-time, CATENATE, UTF8 or the message as a literal',
  );
  return isUtf8 ? 'utf8' : 'message';
}

/** Behind a TEXT: more parts, or the end of the list. @returns whether a literal comes next. */
function parseMoreParts(decoder: ArgumentDecoder, steps: AppendStep[]): boolean {
  if (decoder.tryTake(')')) return false;
  decoder.space();
  return parseParts(decoder, steps);
}

/** `cat-part *(SP cat-part) ")"`, up to a TEXT. @returns whether its literal comes next. */
function parseParts(decoder: ArgumentDecoder, steps: AppendStep[]): boolean {
  do {
    if (decoder.tryKeyword('TEXT')) {
      decoder.space();
      decoder.streamedLiteral('a text as a literal');
      return true;
    }
    if (!decoder.tryKeyword('URL')) decoder.fail('TEXT or URL');
    decoder.space();
    steps.push({ step: 'url', url: decoder.astring('an IMAP URL') });
  } while (decoder.tryTake(' '));
  decoder.take(')');
  return false;
}
