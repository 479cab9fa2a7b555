/**
 * STORE and UID STORE (RFC 3501 §6.4.6), also conditional (RFC 7162 §3.1.3).
 *
 * Gap: RFC 7162 §3.1.12 would have +FLAGS and -FLAGS succeed where only other flags than those
 * named were changed since; one mod-sequence is kept for a message, and no history of its flags.
 */
import type { CommandOf } from '../../grammar/command.ts';
import { formatNumberSet } from '../../grammar/number-set.ts';
import type { ModSeq, Uid } from '../../ids.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import { FlagExpectation } from '../flag-expectation.ts';
import type { FolderView } from '../folder-view.ts';
import { writeUpdate } from '../message-update.ts';
import { resolveMessages } from '../message-set.ts';
import type { FlagChangeResult, FlagSet } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

/** Messages whose flags are told between two pauses for others. */
const TOLD_BATCH = 2_000;

export async function runStore(
  context: SessionContext,
  command: CommandOf<'store'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  if (view.folder.isReadOnly) return no('[READ-ONLY] The mailbox is open for reading only');
  const positions = resolveMessages(view, command.set, command.numbering);
  if (positions === undefined) return bad('There is no message of that number');
  const unchangedSince = command.unchangedSince as ModSeq | undefined;
  if (unchangedSince !== undefined) context.enable('CONDSTORE');
  if (positions.length === 0) return ok('STORE found no messages');
  const { index } = view.folder;
  const believed = command.silent
    ? positions.map((position) => view.believedFlags(index, position))
    : undefined;
  const uids = positions.map((position) => view.uidAt(position));
  const change = { kind: command.change, flags: command.flags };
  const work = view.folder.changeFlags(uids, change, unchangedSince);
  const outcome = await context.waitFor(work, uids.length);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const answer = new StoreAnswer(context, command, new Set(outcome.value.modified));
  if (believed === undefined) await answer.tell(positions);
  else await answer.tellSilently(positions, believed, new FlagExpectation(change));
  return conclude(view, command, outcome.value);
}

/** What a client hears of the messages of one STORE. */
class StoreAnswer {
  readonly #context: SessionContext;
  readonly #view: FolderView;
  readonly #modified: ReadonlySet<Uid>;
  readonly #isConditional: boolean;
  readonly #withUid: boolean;

  constructor(context: SessionContext, command: CommandOf<'store'>, modified: ReadonlySet<Uid>) {
    this.#context = context;
    this.#view = context.selectedView;
    this.#modified = modified;
    this.#isConditional = command.unchangedSince !== undefined;
    this.#withUid = command.numbering === 'uid';
  }

  /** Says the flags, also of those that were not changed: whoever asked did not know of it. */
  async tell(positions: readonly number[]): Promise<void> {
    for (let from = 0; from < positions.length; from += TOLD_BATCH) {
      if (from > 0 && !(await this.#context.breathe())) return;
      this.#context.reportKeywords();
      for (const position of positions.slice(from, from + TOLD_BATCH)) {
        this.#tellOne(position, true);
      }
    }
  }

  /**
   * Notes of which messages the client knows the flags without being told: those that became
   * what its own change makes of what it knew. All others are told by the next report. Who knows
   * mod-sequences is told the new ones all the same (RFC 7162 §3.1.3, §3.1.4.2).
   */
  async tellSilently(
    positions: readonly number[],
    believed: readonly (FlagSet | undefined)[],
    expectation: FlagExpectation,
  ): Promise<void> {
    for (let from = 0; from < positions.length; from += TOLD_BATCH) {
      if (from > 0 && !(await this.#context.breathe())) return;
      const end = Math.min(from + TOLD_BATCH, positions.length);
      for (let order = from; order < end; order += 1) {
        this.#tellExpected(positions[order] ?? 0, believed[order], expectation);
      }
    }
  }

  #tellExpected(position: number, before: FlagSet | undefined, expectation: FlagExpectation): void {
    const view = this.#view;
    const { index } = view.folder;
    const at = view.locate(index, position);
    if (at < 0) return;
    const uid = view.uidAt(position);
    if (this.#modified.has(uid)) this.#tellOne(position, true);
    else if (before !== undefined && expectation.isMet(before, index.flagsAt(at))) {
      const isNews = view.noteTold(uid, index.modSeqAt(at));
      if (this.#context.enabled.condstore && (isNews || this.#isConditional)) {
        this.#tellOne(position, false);
      }
    }
  }

  #tellOne(position: number, withFlags: boolean): void {
    const view = this.#view;
    const { index } = view.folder;
    const indexPosition = view.locate(index, position);
    if (indexPosition < 0) return;
    view.noteTold(view.uidAt(position), index.modSeqAt(indexPosition));
    const message = { position, index, indexPosition };
    writeUpdate(this.#context, view, message, { withFlags, withUid: this.#withUid });
  }
}

/**
 * Whoever wants no answer wants none about messages that are gone (RFC 2180 §4.2.2), and a UID
 * that is not there names nothing.
 */
function conclude(
  view: FolderView,
  { numbering, silent }: CommandOf<'store'>,
  { missing, modified }: FlagChangeResult,
): CommandResult {
  const isOneGone = numbering === 'sequence' && !silent && missing.length > 0;
  if (modified.length === 0) {
    return isOneGone ? no(refusalText('expunged')) : ok('STORE completed');
  }
  const numbers = numbering === 'uid' ? modified : modified.map((uid) => view.positionOf(uid) + 1);
  const code = `[MODIFIED ${formatNumberSet(numbers)}]`;
  if (isOneGone) return no(`${code} Some of the messages are gone, some had changed`);
  return ok(`${code} Some of the messages had changed`);
}
