/** Lines of LIST and LSUB (RFC 9051 §7.3.1), as our own sites write them. */
import { decodeModifiedUtf7 } from '@homeward/imap/grammar';

export interface ListLine {
  readonly attributes: readonly string[];
  readonly path: string;
}

const LIST_LINE =
  /^\* L(?:IST|SUB) \(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?:"((?:[^"\\]|\\.)*)"|(\S+))/;

/** @returns undefined for other lines. */
export function parseListLine(line: string): ListLine | undefined {
  const found = LIST_LINE.exec(line);
  const name = found?.[2]?.replaceAll(/\\(.)/g, '$1') ?? found?.[3];
  if (name === undefined) return undefined;
  return { attributes: (found?.[1] ?? '').split(' '), path: decodeModifiedUtf7(name) };
}
