/**
 * Where commands speak: results to standard output, everything else to standard error, so that
 * `--json` output can be piped. A reader that goes away (`| head`) ends a command in silence.
 */
import { EXIT_CODES, type ExitCode } from './operator-error.ts';

export interface OperatorConsole {
  /** Standard output; a line feed is added. */
  print(text: string): void;
  /** Standard error, as `homeward: …`. */
  complain(text: string): void;
  /** Standard error, for what is said beside the result. */
  note(text: string): void;
  /** Standard input, for secrets that are not asked for. */
  readonly input: AsyncIterable<string | Buffer>;
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
  /** Whether standard error is a terminal, for progress bars. */
  readonly hasProgress: boolean;
  /** What the process ends with; starts as 0. */
  exitCode: ExitCode;
  /** Long-running commands go on when nobody reads their output any more. */
  surviveBrokenPipe(): void;
}

/** Each of its lines by itself, so that a log or `grep` has them whole. */
export function formatComplaint(text: string): string {
  return `${text.replaceAll(/^/gm, 'homeward: ')}\n`;
}

/** The process's own streams. Call it once. */
export function openOperatorConsole(): OperatorConsole {
  let survives = false;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE' || !survives) process.exit(EXIT_CODES.done);
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(formatComplaint(text)),
    note: (text) => void process.stderr.write(`${text}\n`),
    // Opened only by who reads it.
    get input() {
      return process.stdin;
    },
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    hasProgress: process.stderr.isTTY,
    exitCode: EXIT_CODES.done,
    surviveBrokenPipe: () => {
      survives = true;
    },
  };
}
