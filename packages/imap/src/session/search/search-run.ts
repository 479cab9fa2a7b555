/** What SEARCH, SORT and THREAD do alike: find messages of the selected mailbox, or say why not. */
import type { SearchKey, SearchReturns } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';
import { MessageSearch } from './message-search.ts';
import { usesKey } from './predicate.ts';
import { refuseProgram } from './search-limits.ts';

/** The part of a command that is the same for all. */
export interface SearchCommand {
  readonly numbering: 'sequence' | 'uid';
  readonly returns?: SearchReturns | undefined;
  readonly charset: string | undefined;
  readonly criteria: SearchKey;
}

/**
 * What is answered with: a client of IMAP4rev2 knows ESEARCH alone (RFC 9051 §6.4.4).
 */
export function returnsOf(
  context: SessionContext,
  returns: SearchReturns | undefined,
): SearchReturns | undefined {
  return returns ?? (context.enabled.rev2 ? ALL_RESULTS : undefined);
}

/** What result options say that say nothing (RFC 4731 §3.1). */
export const ALL_RESULTS: SearchReturns = {
  min: false,
  max: false,
  count: false,
  all: true,
  save: false,
  partial: undefined,
};

/** @returns the search, run to its end, or the answer to a failed one. */
export async function searchSelected(
  context: SessionContext,
  command: SearchCommand,
): Promise<MessageSearch | CommandResult> {
  const refused = refuseProgram(command);
  if (refused !== undefined) {
    if (command.returns?.save === true) forgetSaved(context);
    return refused;
  }
  // RFC 7162 §3.1: whoever asks for mod-sequences wants them from now on.
  if (usesKey(command.criteria, 'mod-seq')) context.enable('CONDSTORE');
  const search = new MessageSearch(context, context.selectedView, command);
  await search.run();
  // A store that stops shows nothing; that must not be taken for messages that are gone.
  if (context.endRequest !== 'mail-unavailable' || !search.hasMissed) return search;
  if (command.returns?.save === true) forgetSaved(context);
  return no(refusalText('unavailable'));
}

/** RFC 5182 §2.1: a failed SEARCH that was to save leaves nothing saved. */
export function forgetSaved(context: SessionContext): void {
  if (context.view !== undefined) context.view.savedUids = new Uint32Array();
}

/** RFC 5530 §3: the client learns why numbers that it knows are in no result. */
export function completed(
  word: string,
  command: SearchCommand,
  search: MessageSearch,
): CommandResult {
  const hasUnexplained = search.hasMissed && command.numbering === 'sequence';
  return ok(hasUnexplained ? refusalText('expunged') : `${word} completed`);
}
