/** Commands that are a word and nothing else. */
import type { CommandName, CommandOf } from '../command.ts';
import type { WholeSyntax } from './command-syntax.ts';

type BareName = Extract<
  CommandName,
  | 'capability'
  | 'noop'
  | 'logout'
  | 'starttls'
  | 'namespace'
  | 'idle'
  | 'check'
  | 'close'
  | 'unselect'
>;

function bare<Name extends BareName>(name: Name): WholeSyntax {
  const command: CommandOf<BareName> = { name };
  return { word: name.toUpperCase(), parse: () => command };
}

/** One row each. */
export const commandsWithoutArguments: readonly WholeSyntax[] = [
  /** RFC 3501 §6.1.1 */
  bare('capability'),
  /** RFC 3501 §6.1.2 */
  bare('noop'),
  /** RFC 3501 §6.1.3 */
  bare('logout'),
  /** RFC 3501 §6.2.1 */
  bare('starttls'),
  /** RFC 2342 §5 */
  bare('namespace'),
  /** RFC 2177 §3 */
  bare('idle'),
  /** RFC 3501 §6.4.1 */
  bare('check'),
  /** RFC 3501 §6.4.2 */
  bare('close'),
  /** RFC 3691 §2 */
  bare('unselect'),
];
