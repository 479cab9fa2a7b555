/** What the reader's refusals mean to a client: tagged NO with a code, or BAD. */
import type { CommandEvent } from '../grammar/command-reader.ts';
import type { CommandProblem } from '../grammar/command-problem.ts';
import type { CommandResult } from './command-result.ts';
import type { TaggedStatus } from './response-writer.ts';

interface ProblemAnswer {
  readonly status: TaggedStatus;
  readonly code: string;
}

/** What is refused though it is well-formed; everything else is BAD. */
const answers: Readonly<Partial<Record<CommandProblem, ProblemAnswer>>> = {
  'message-too-big': { status: 'NO', code: '[TOOBIG] ' },
  'binary-content': { status: 'NO', code: '[UNKNOWN-CTE] ' },
};
const plain: ProblemAnswer = { status: 'BAD', code: '' };

/** The answer to what the reader could not take. */
export function describeProblem({
  problem,
  text,
}: Extract<CommandEvent, { readonly kind: 'error' }>): CommandResult {
  const { status, code } = answers[problem] ?? plain;
  return { status, text: `${code}${text}` };
}
