/**
 * The last words of a dialogue, as far as they are kept: by them a protocol judges whether its
 * client waits for an answer. Turns are told apart by who sends; what a turn means is the
 * protocol's to say.
 */

/** What one side sent without the other sending anything in between. */
export interface Utterance {
  readonly octetCount: number;
  /** Latin-1: how it begins, if it is longer than `tail`. */
  readonly head: string;
  /** Latin-1: how it ends. All of it if it is no longer. */
  readonly tail: string;
  /** How many octets are before its last line, be that complete or not. */
  readonly lineAt: number;
  /** Latin-1: how its last line begins, if that is longer than `tail`. */
  readonly lineHead: string;
}

/** A client's turn and its server's, the later one empty while nobody has sent in it. */
export interface Exchange {
  readonly command: Utterance;
  readonly answer: Utterance;
}

export interface LastExchange extends Exchange {
  /** The one before; undefined in the first. */
  readonly before: Exchange | undefined;
}

/** Judges, for one protocol: nothing is under way, and the next octet begins an answer or a command. */
export type IsAnswered = (exchange: LastExchange) => boolean;

export function isWhole({ octetCount, tail }: Utterance): boolean {
  return octetCount === tail.length;
}

/** Nobody has asked for anything yet; the server may have said something all the same. */
export function isUnasked({ command, answer }: Exchange): boolean {
  return command.octetCount === 0 && (answer.octetCount === 0 || answer.tail.endsWith('\n'));
}

/**
 * The lines at the end of what was said, as far as their beginnings are known; without their ends.
 * Of one that is longer than what is kept the middle is missing.
 *
 * @returns Undefined if it does not end with a whole line.
 */
export function lastLines(said: Utterance): readonly string[] | undefined {
  if (!said.tail.endsWith('\n')) return undefined;
  const lines = said.tail.split(/\r?\n/);
  lines.pop();
  if (!isWhole(said)) lines.shift();
  return lines.length === 0 ? [lastLine(said)] : lines;
}

/** The same, where they are all that was said. */
export function allLines(said: Utterance): readonly string[] | undefined {
  return isWhole(said) || said.lineAt === 0 ? lastLines(said) : undefined;
}

function lastLine({ octetCount, tail, lineAt, lineHead }: Utterance): string {
  const tailAt = octetCount - tail.length;
  const behindHead = Math.max(0, lineAt + lineHead.length - tailAt);
  return (lineHead + tail.slice(behindHead)).replace(/\r?\n$/, '');
}
