/**
 * A failure that an operator can do something about: shown as `homeward: what, where, remedy`,
 * without a stack. Exit codes are documented in `homeward help` and are a contract with scripts.
 */

/** 0 to 4 are those of the services (`@homeward/service`), the rest are those of sysexits.h. */
export const EXIT_CODES = {
  done: 0,
  /** Something expected was refused or failed: unknown account, name taken, a bad message. */
  refused: 1,
  configuration: 2,
  startFailed: 3,
  stopForced: 4,
  usage: 64,
  badData: 65,
  unavailable: 69,
  software: 70,
  cannotCreate: 73,
  /** Ctrl-C at a question. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** What each code means, for the help and the reference. */
export const EXIT_CODE_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT_CODES.done, 'done'],
  [EXIT_CODES.refused, 'refused, or some of it failed; a service: crashed'],
  [EXIT_CODES.configuration, 'the configuration is missing or wrong'],
  [EXIT_CODES.startFailed, 'a service could not start'],
  [EXIT_CODES.stopForced, 'a service did not stop in order'],
  [EXIT_CODES.usage, 'the command line is wrong'],
  [EXIT_CODES.badData, 'a file that was given cannot be used'],
  [EXIT_CODES.unavailable, 'directory or site away (or no Node.js that can run this)'],
  [EXIT_CODES.software, 'a bug in Homeward'],
  [EXIT_CODES.cannotCreate, 'a file or folder cannot be written'],
  [EXIT_CODES.interrupted, 'given up at a question'],
];

/** One or more lines for the operator, and the exit code. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly exitCode: ExitCode;
  /** One problem each; the message is the first. */
  readonly lines: readonly string[];

  constructor(message: string | readonly string[], exitCode: ExitCode = EXIT_CODES.unavailable) {
    const lines = typeof message === 'string' ? [message] : message;
    super(lines[0] ?? 'unknown');
    this.lines = lines;
    this.exitCode = exitCode;
  }
}
