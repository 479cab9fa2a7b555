/**
 * Imports a source into a mailbox, never twice: a message whose octets lie in the target folder
 * already (by EMAILID, RFC 8474 §5.1, which the store derives from the octets) is not sent
 * again, however often the command is run or wherever it was interrupted. A message that the
 * source holds three times is there three times afterwards.
 *
 * A folder is one attempt. When a connection is lost the attempt is repeated, after a pause that
 * grows, and the same rule makes it go on where the lost one was.
 */
import { ConnectionLostError } from '../output/connection-lost-error.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { SessionKickedError } from '../owner/owner-connection.ts';
import { Reconnection } from '../owner/reconnection.ts';
import { type FolderOutcome, importFolder, type ImportProblem } from './import-folder.ts';
import type { FolderPlan, PlannedFolder } from './folder-plan.ts';
import type { ImportSource } from './import-source.ts';
import type { ImportTarget } from './import-target.ts';

/** Problems that are listed; further ones are counted. */
const LISTED_PROBLEMS = 1_000;

export interface ImportParts {
  readonly source: ImportSource;
  readonly target: ImportTarget;
  readonly nowMs: () => number;
  readonly wait: (delayMs: number) => Promise<void>;
  readonly onProgress: (steps: number) => void;
  /** For people: a connection was lost, and what happens now. */
  readonly onTrouble: (text: string) => void;
}

/** What became of one folder. */
export interface FolderResult {
  readonly source: string;
  readonly target: string;
  readonly importedCount: number;
  /** They were there already. */
  readonly skippedCount: number;
  readonly failedCount: number;
}

export interface ImportResult {
  readonly folders: readonly FolderResult[];
  readonly leftOut: FolderPlan['leftOut'];
  readonly importedCount: number;
  readonly skippedCount: number;
  readonly failedCount: number;
  /** The first of those that the site did not take, and why. */
  readonly failures: readonly ImportProblem[];
}

/** Runs the plan. @throws OperatorError if source or site stay away, or refuse to go on. */
export async function runImport(plan: FolderPlan, parts: ImportParts): Promise<ImportResult> {
  const folders: FolderResult[] = [];
  const failures: ImportProblem[] = [];
  const claimedAt = new Map<string, Map<string, number>>();
  for (const planned of plan.planned) {
    const claimed = claimedAt.get(planned.target) ?? new Map<string, number>();
    if (isSharedTarget(plan, planned)) claimedAt.set(planned.target, claimed);
    const outcome = await importFolderStubbornly(planned, claimed, parts);
    failures.push(...outcome.problems.slice(0, LISTED_PROBLEMS - failures.length));
    folders.push({
      source: planned.folder.name,
      target: planned.target,
      importedCount: outcome.importedCount,
      skippedCount: outcome.skippedCount,
      failedCount: outcome.failedCount,
    });
  }
  const sum = (key: 'importedCount' | 'skippedCount' | 'failedCount'): number =>
    folders.reduce((total, folder) => total + folder[key], 0);
  return {
    folders,
    leftOut: plan.leftOut,
    importedCount: sum('importedCount'),
    skippedCount: sum('skippedCount'),
    failedCount: sum('failedCount'),
    failures,
  };
}

function isSharedTarget({ planned }: FolderPlan, { target }: PlannedFolder): boolean {
  return planned.filter((other) => other.target === target).length > 1;
}

async function importFolderStubbornly(
  planned: PlannedFolder,
  claimed: Map<string, number>,
  parts: ImportParts,
): Promise<FolderOutcome> {
  const steps = new StepCounter(parts.onProgress);
  const sent = new Map<string, number>();
  const reconnection = new Reconnection({
    reopen: async () => {
      await parts.source.reopen();
      await parts.target.reopen();
    },
    wait: parts.wait,
    onTrouble: parts.onTrouble,
    remedy: 'What was imported stays; run this again to go on',
  });
  for (;;) {
    const onProgress = steps.startAttempt();
    const attempt = { sent, claimed, listedProblems: LISTED_PROBLEMS, onProgress };
    try {
      return await importFolder(planned, parts, attempt);
    } catch (error) {
      if (error instanceof SessionKickedError) throw takenOver();
      if (!(error instanceof ConnectionLostError)) throw error;
      await reconnection.recover(error, steps.hasAdvanced());
    }
  }
}

function takenOver(): OperatorError {
  return new OperatorError(
    'another import into this mailbox has begun and has ended this one; what was imported stays',
    EXIT_CODES.refused,
  );
}

/** A repeated attempt passes over what the bar has shown already. */
class StepCounter {
  readonly #onProgress: (steps: number) => void;
  #shown = 0;
  #shownBefore = 0;

  constructor(onProgress: (steps: number) => void) {
    this.#onProgress = onProgress;
  }

  startAttempt(): (steps: number) => void {
    let passed = 0;
    this.#shownBefore = this.#shown;
    return (steps) => {
      passed += steps;
      if (passed <= this.#shown) return;
      this.#onProgress(passed - this.#shown);
      this.#shown = passed;
    };
  }

  /** Whether the attempt came further than all before it. */
  hasAdvanced(): boolean {
    return this.#shown > this.#shownBefore;
  }
}
