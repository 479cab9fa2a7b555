/** Imports one folder of a source: one attempt, which may be cut short and repeated. */
import { parseMessageDate, readHeaderField } from '@homeward/mime';
import type { AppendWindow } from './append-window.ts';
import type { PlannedFolder } from './folder-plan.ts';
import type { SourceMessage } from './import-source.ts';
import type { ImportTarget } from './import-target.ts';

/** A message that was not imported, and why. */
export interface ImportProblem {
  readonly place: string;
  readonly reason: string;
}

export interface FolderOutcome {
  readonly importedCount: number;
  readonly skippedCount: number;
  readonly failedCount: number;
  readonly problems: readonly ImportProblem[];
}

export interface FolderAttempt {
  /** What earlier attempts of this run have sent: it counts as imported, not as there before. */
  readonly sent: Map<string, number>;
  /** Copies that belong to messages of earlier folders with the same target; added to. */
  readonly claimed: Map<string, number>;
  readonly listedProblems: number;
  readonly onProgress: (steps: number) => void;
}

export interface FolderParts {
  readonly target: ImportTarget;
  readonly nowMs: () => number;
}

/** @throws ConnectionLostError if source or site is gone; OperatorError for other faults. */
export function importFolder(
  planned: PlannedFolder,
  parts: FolderParts,
  attempt: FolderAttempt,
): Promise<FolderOutcome> {
  return new FolderImport(planned, parts, attempt).run();
}

class FolderImport {
  readonly #planned: PlannedFolder;
  readonly #parts: FolderParts;
  readonly #attempt: FolderAttempt;
  readonly #problems: ImportProblem[] = [];
  /** Copies at the target that no message was matched with, by EMAILID. */
  #present = new Map<string, number>();
  /** Of those, the copies that an earlier attempt of this run has put there. */
  readonly #ours: Map<string, number>;
  /** Copies at the target that are messages of this folder. */
  readonly #matched = new Map<string, number>();
  #importedCount = 0;
  #skippedCount = 0;
  #failedCount = 0;

  constructor(planned: PlannedFolder, parts: FolderParts, attempt: FolderAttempt) {
    this.#planned = planned;
    this.#parts = parts;
    this.#attempt = attempt;
    this.#ours = new Map(attempt.sent);
  }

  async run(): Promise<FolderOutcome> {
    const { folder, target: path } = this.#planned;
    const refusal = await this.#prepareTarget();
    if (refusal !== undefined) {
      this.#fail(folder.name, `folder ${path} cannot be made: ${refusal}`);
      this.#attempt.onProgress(folder.stepCount);
      return this.#outcome();
    }
    const { target } = this.#parts;
    this.#present = await target.countEmailIds(path);
    for (const [emailId, count] of this.#attempt.claimed) takeSome(this.#present, emailId, count);
    const window = target.startAppending(path, (place, reason) => this.#fail(place, reason));
    const reader = {
      takePresent: (emailId: string) => this.#takePresent(emailId),
      onProgress: this.#attempt.onProgress,
    };
    for await (const message of folder.messages(reader)) await this.#take(message, window);
    await window.drain();
    for (const [emailId, count] of this.#matched) addSome(this.#attempt.claimed, emailId, count);
    return this.#outcome();
  }

  async #prepareTarget(): Promise<string | undefined> {
    const { folder, target: path, specialUse } = this.#planned;
    const { target } = this.#parts;
    const refusal = await target.ensureFolder(path, specialUse);
    if (refusal === undefined && folder.isSubscribed) await target.subscribe(path);
    return refusal;
  }

  async #take(
    { place, content, flags, receivedMs }: SourceMessage,
    window: AppendWindow,
  ): Promise<void> {
    if (typeof content === 'string') {
      this.#fail(place, content);
      return;
    }
    try {
      const { emailId } = content;
      if (this.#takePresent(emailId)) return;
      const { sent } = this.#attempt;
      // Before the answer: a connection that breaks leaves in doubt whether it is there.
      addSome(sent, emailId, 1);
      const when = receivedMs ?? this.#dateOf(content.head);
      await window.append({ place, flags, receivedMs: when, content }, () => {
        this.#importedCount += 1;
        addSome(this.#matched, emailId, 1);
      });
    } finally {
      await content.close();
    }
  }

  #takePresent(emailId: string): boolean {
    if (!takeSome(this.#present, emailId, 1)) return false;
    addSome(this.#matched, emailId, 1);
    if (takeSome(this.#ours, emailId, 1)) this.#importedCount += 1;
    else this.#skippedCount += 1;
    return true;
  }

  #dateOf(head: Uint8Array): number {
    return parseMessageDate(readHeaderField(head, 'date') ?? '')?.timeMs ?? this.#parts.nowMs();
  }

  #fail(place: string, reason: string): void {
    this.#failedCount += 1;
    if (this.#problems.length < this.#attempt.listedProblems)
      this.#problems.push({ place, reason });
  }

  #outcome(): FolderOutcome {
    return {
      importedCount: this.#importedCount,
      skippedCount: this.#skippedCount,
      failedCount: this.#failedCount,
      problems: this.#problems,
    };
  }
}

/** @returns Whether there was any to take. */
function takeSome(counts: Map<string, number>, key: string, count: number): boolean {
  const there = counts.get(key) ?? 0;
  if (there <= count) counts.delete(key);
  else counts.set(key, there - count);
  return there > 0;
}

function addSome(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
