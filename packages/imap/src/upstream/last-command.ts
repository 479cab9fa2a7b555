/**
 * Finds the last command of an IMAP client among its last words, literals stepped over (RFC 3501
 * §4.3, RFC 7888), so that text in a message is not taken for a command.
 */
import { lastLines, type Exchange, type Utterance } from '@homeward/wire';
import { findMarker } from './in-literal.ts';
import { readKeptLine } from './kept-line.ts';
import { hasTaggedAnswer } from './tagged-answer.ts';

export interface LastCommand {
  readonly tag: string;
  /** In capitals; DONE for the end of an IDLE. */
  readonly name: string;
}

/** Where a client's octets stop. */
interface Standing extends LastCommand {
  /** Still owed of a literal; 0: the rest of the line behind it is. Undefined: it is complete. */
  readonly literalBytes: number | undefined;
  /** Its literal is announced, and waits to be invited: the server may refuse it all the same. */
  readonly isWaiting: boolean;
}

const COMMAND = /^([^\s(){%*"\\\]+]+) ([A-Za-z][!-~]*)/;

/** @returns Undefined if the client is in the midst of it, or nobody can tell where that is. */
export function findLastCommand(
  command: Utterance,
  before: Exchange | undefined,
): LastCommand | undefined {
  const standing = follow(command, before && standingBehind(before));
  return standing?.literalBytes === undefined || standing.isWaiting ? standing : undefined;
}

/** What the client goes on with: a literal that was invited or not refused, an IDLE. */
function standingBehind({ command, answer }: Exchange): Standing | undefined {
  const standing = follow(command, undefined);
  return standing === undefined || hasTaggedAnswer(answer, standing.tag) ? undefined : standing;
}

function follow(said: Utterance, from: Standing | undefined): Standing | undefined {
  let standing = from;
  let at = 0;
  while (at < said.octetCount) {
    const owedBytes = standing?.literalBytes ?? 0;
    if (standing !== undefined && owedBytes >= said.octetCount - at) {
      const literalBytes = owedBytes - (said.octetCount - at);
      return { ...standing, literalBytes, isWaiting: false };
    }
    at += owedBytes;
    const line = readKeptLine(said, at);
    if (line === undefined) return lastLineAlone(said);
    standing = readStanding(line, standing);
    if (standing === undefined) return undefined;
    at += line.length + 1;
  }
  return standing;
}

/** @param line With its CR, if it has one. */
function readStanding(line: string, so: Standing | undefined): Standing | undefined {
  const text = line.replace(/\r$/, '');
  const command = so?.literalBytes === undefined ? readCommand(text, so) : so;
  if (command === undefined) return undefined;
  const marker = findMarker(text);
  const { tag, name } = command;
  if (marker === undefined) return { tag, name, literalBytes: undefined, isWaiting: false };
  return { tag, name, literalBytes: marker.sizeBytes, isWaiting: marker.isSynchronizing };
}

function readCommand(text: string, so: LastCommand | undefined): LastCommand | undefined {
  if (so?.name === 'IDLE' && /^done$/i.test(text)) return { tag: so.tag, name: 'DONE' };
  const [, tag, name] = COMMAND.exec(text) ?? [];
  return tag && name ? { tag, name: name.toUpperCase() } : undefined;
}

/** Should it be text of a message, no answer will have its tag. */
function lastLineAlone(said: Utterance): Standing | undefined {
  const line = lastLines(said)?.at(-1);
  return line === undefined ? undefined : readStanding(line, undefined);
}
