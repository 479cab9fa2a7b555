/** The reply to a line that is no command: one row for each problem. */
import type { CommandProblem, ParsedCommand } from './parse-command.ts';
import { type EnhancedCode, formatReply } from './reply.ts';

interface ProblemRow {
  readonly code: number;
  readonly enhanced: EnhancedCode;
  readonly text: string;
}

const rows: Readonly<Record<CommandProblem, ProblemRow>> = {
  'bad-line': {
    code: 500,
    enhanced: '5.5.2',
    text: 'A line must be UTF-8 without NUL, and end with CRLF',
  },
  'unknown-command': { code: 500, enhanced: '5.5.1', text: 'Unknown command' },
  'bad-arguments': { code: 501, enhanced: '5.5.4', text: 'Use' },
  // RFC 5321 §4.1.1.11.
  'unknown-parameter': { code: 555, enhanced: '5.5.4', text: 'Unknown parameter' },
  'bad-sender': { code: 501, enhanced: '5.1.7', text: 'Not an address of a sender' },
  'bad-recipient': { code: 501, enhanced: '5.1.3', text: 'Not an address of a recipient' },
};

/** A whole reply. */
export function formatProblem({ problem, usage }: Extract<ParsedCommand, { ok: false }>): string {
  const { code, enhanced, text } = rows[problem];
  const isUsage = problem === 'bad-arguments' && usage !== undefined;
  return formatReply(code, enhanced, isUsage ? `${text} ${usage}` : text);
}
