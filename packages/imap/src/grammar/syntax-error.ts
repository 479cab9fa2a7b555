/**
 * What parsers of one command throw; the reader turns it into an event. Nothing else of the
 * package ever sees these. The texts name places, never contents: a command may hold a password.
 */
import type { CommandProblem } from './command-problem.ts';

/** A command that is not as the grammar says. */
export class CommandSyntaxError extends Error {
  override readonly name = 'CommandSyntaxError';
  readonly problem: CommandProblem;

  /** @param text One ASCII sentence for the client. */
  constructor(text: string, problem: CommandProblem = 'bad-syntax') {
    super(text);
    this.problem = problem;
  }
}

/**
 * No error: everything up to the literal announced last was right, and the parser would now
 * read what is in it. Thrown only when a prefix of a command is tried. One for all: it says
 * nothing more, and making one would record a stack for each literal.
 */
export const LITERAL_AWAITED: Error = new Error('a literal is awaited');
