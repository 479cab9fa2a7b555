/** Asks before something that cannot be undone: a word must be typed, a yes is said too easily. */
import { createInterface } from 'node:readline/promises';
import type { OperatorConsole } from './operator-console.ts';
import { EXIT_CODES, OperatorError } from './operator-error.ts';

export interface Question {
  /** What will be the case afterwards, and what to type. */
  readonly text: string;
  /** What must be typed; case does not matter. */
  readonly expected: string;
  /** For the error: `nothing was deleted`. */
  readonly otherwise: string;
}

/** @throws OperatorError unless the right word is typed. */
export async function confirm(
  question: Question,
  { isInteractive }: OperatorConsole,
): Promise<void> {
  if (!isInteractive) {
    throw new OperatorError(
      `this is no terminal on which one could be asked, so ${question.otherwise}; give --yes`,
      EXIT_CODES.usage,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const given = Promise.withResolvers<string>();
    terminal.once('close', () => given.resolve(''));
    const typed = await Promise.race([terminal.question(question.text), given.promise]);
    if (typed.trim().toLowerCase() === question.expected.toLowerCase()) return;
  } finally {
    terminal.close();
  }
  throw new OperatorError(`given up, ${question.otherwise}`, EXIT_CODES.interrupted);
}
