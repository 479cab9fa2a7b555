/** swaks, a client of SMTP and LMTP that shows every line of the dialogue (Debian's `swaks`). */
import { ensureDebianProgram } from './debian-program.ts';
import { type ProcessExit, startProcess } from './process-runner.ts';

/** What came of it. */
export interface SwaksRun {
  /** 0 when the server took the message for all recipients. */
  readonly code: ProcessExit['code'];
  /** The dialogue: `->` is the client, `<-` the server, `<**` a refusal, `~>` under TLS. */
  readonly dialogue: string;
}

const runLimitMs = 60_000;

/**
 * Sends a message, or as far as the arguments say.
 *
 * @throws Error with one sentence that says what to do, if there is no swaks.
 */
export async function runSwaks(...args: readonly string[]): Promise<SwaksRun> {
  const found = await ensureDebianProgram({
    names: ['swaks'],
    // The latter is what it needs for TLS.
    packages: ['swaks', 'libnet-ssleay-perl'],
  });
  if ('problem' in found) {
    throw new Error(`Tests against peers need swaks: install swaks (${found.problem}).`);
  }
  // It would read its defaults from the home folder of who runs the test.
  const env = { HOME: '/nonexistent' };
  await using running = startProcess(found.path, { args: ['--no-info-hints', ...args], env });
  const { code } = await running.waitForExit(runLimitMs);
  return { code, dialogue: running.output };
}
