/** What every client did and when, and what it was promised: the evidence of the fault tests. */

/** How an operation failed, as a person would tell it; closed list. */
export type FailureKind =
  /** `NO [UNAVAILABLE]`, `-ERR [SYS/TEMP]`: try again later. */
  | 'unavailable'
  /** `* BYE`: the server goes down in order. */
  | 'goodbye'
  /** The connection was cut, or nobody listened. */
  | 'cut'
  /** No answer in time. */
  | 'silent'
  /** `-ERR [IN-USE]`: the site has not noticed yet that the session before was cut. */
  | 'in-use'
  /** A right password was called wrong: never. */
  | 'bad-password'
  /** Anything else: never. */
  | 'strange';

export interface Operation {
  /** Who did it, such as `anna@example.org append`. */
  readonly client: string;
  readonly site: string;
  readonly endedAtMs: number;
  readonly failure: FailureKind | undefined;
  /** The failure in the client's own words. */
  readonly words: string;
}

/** A message that the server has said OK to. */
export interface PromisedMessage {
  readonly account: string;
  readonly uidValidity: string;
  readonly uid: number;
  readonly digest: string;
}

export class Ledger {
  readonly operations: Operation[] = [];
  readonly promises: PromisedMessage[] = [];
  /** What must never happen, in words: another's mail, a promised message that is missing. */
  readonly breaches: string[] = [];

  /** @param error Nothing when it succeeded. */
  note(client: string, site: string, error?: unknown): void {
    const failure = error === undefined ? undefined : judgeFailure(error);
    const words = error === undefined ? '' : describeError(error);
    this.operations.push({ client, site, endedAtMs: Date.now(), failure, words });
  }
}

/** Tells failures apart by what the clients of the test make of them. */
export function judgeFailure(error: unknown): FailureKind {
  const words = describeError(error);
  if (/UNAVAILABLE|SYS\/TEMP/i.test(words)) return 'unavailable';
  if (/IN-USE/.test(words)) return 'in-use';
  if (/AUTHENTICATIONFAILED|\[AUTH\]/i.test(words)) return 'bad-password';
  if (/\bBYE\b|going down|shutting down|shut down/i.test(words)) return 'goodbye';
  if (/timeout|timed out/i.test(words)) return 'silent';
  if (
    /ECONN|EPIPE|NoConnection|not available|closed|hang up|disconnected|\bend(ed)?\b|\bclose\b|no-socket|EOF/i.test(
      words,
    )
  ) {
    return 'cut';
  }
  return 'strange';
}

/** All that an error says, its code and the server's answer with it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const facts = error as Error & Readonly<Record<string, unknown>>;
  const names = ['code', 'serverResponseCode', 'responseText', 'responseStatus', 'reason'];
  const details = names.map((name) => facts[name]).filter((value) => typeof value === 'string');
  return [error.message, ...details].join(' | ');
}
