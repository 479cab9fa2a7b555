/** All programs of all accounts, at work together while the deployment is harmed. */
import { waitUntil } from '../poll.ts';
import type { ComposeAccount, PublicName } from './compose-project.ts';
import { type FaultReport, markStart, reportFault } from './fault-report.ts';
import { Ledger } from './ledger.ts';
import {
  createAppender,
  createPop3Reader,
  createReader,
  type MailProgram,
} from './mail-clients.ts';

/** How often each program must have succeeded after a fault, before it counts as over. */
const ROUNDS_AFTER = 3;
const RECOVERY_LIMIT_MS = 90_000;

export class Workday {
  readonly ledger: Ledger = new Ledger();
  readonly reports: FaultReport[] = [];
  readonly #programs: readonly MailProgram[];
  #running: Promise<unknown> | undefined;

  constructor(accounts: readonly ComposeAccount[], at: PublicName) {
    const { ledger } = this;
    this.#programs = accounts.flatMap((account) => {
      const desk = { account, at, ledger };
      return [createAppender(desk), createReader(desk), createPop3Reader(desk)];
    });
  }

  /** Returns when every program works. */
  async begin(): Promise<void> {
    this.#running = Promise.all(this.#programs.map((program) => program.run()));
    await this.#waitForEverybody(Date.now());
  }

  /** Does harm, waits until every program works again, and reports what it was like. */
  async endure(fault: string, harm: () => Promise<void>): Promise<FaultReport> {
    const start = markStart(this.ledger);
    await harm();
    await this.#waitForEverybody(Date.now());
    const report = reportFault(fault, this.ledger, start);
    this.reports.push(report);
    return report;
  }

  /** Returns when every program has ended. */
  async end(): Promise<void> {
    for (const program of this.#programs) program.stop();
    await this.#running;
  }

  #waitForEverybody(sinceMs: number): Promise<true> {
    return waitUntil(
      'every mail program to work',
      () => {
        const counts = new Map<string, number>();
        for (const { client, endedAtMs, failure } of this.ledger.operations.toReversed()) {
          if (endedAtMs < sinceMs) break;
          if (failure === undefined) counts.set(client, (counts.get(client) ?? 0) + 1);
        }
        const isBack = ({ name }: MailProgram): boolean => (counts.get(name) ?? 0) >= ROUNDS_AFTER;
        return this.#programs.every(isBack) ? true : undefined;
      },
      RECOVERY_LIMIT_MS,
    );
  }
}
