/** msmtp, which sends a message from its standard input (Debian's `msmtp`). */
import { ensureDebianProgram } from './debian-program.ts';
import { type ProcessExit, startProcess } from './process-runner.ts';

/** What came of it. */
export interface MsmtpRun {
  /** 0 when the server took the message for all recipients. */
  readonly code: ProcessExit['code'];
  /** What it complained of, and the dialogue if `--debug` was given. */
  readonly output: string;
}

const runLimitMs = 60_000;

/**
 * Sends `message`, which may have LF as line ends, as the arguments say; no file of settings is
 * read.
 *
 * @throws Error with one sentence that says what to do, if there is no msmtp.
 */
export async function runMsmtp(message: string, ...args: readonly string[]): Promise<MsmtpRun> {
  const found = await ensureDebianProgram({ names: ['msmtp'], packages: ['msmtp'] });
  if ('problem' in found) {
    throw new Error(`Tests against peers need msmtp: install msmtp (${found.problem}).`);
  }
  await using running = startProcess(found.path, { args: ['--file=', ...args], input: message });
  const { code } = await running.waitForExit(runLimitMs);
  return { code, output: running.output };
}
