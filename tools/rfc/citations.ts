/**
 * Reads of a source which sections of RFCs it cites, and what its notes say is missing or done
 * otherwise: `RFC 9051 §6.4.7`, `RFC 1939 §5, §6`, `Gap:`, `Deviation:`.
 */

/** One place of an RFC; without a section, the whole of it. */
export interface Citation {
  readonly rfc: number;
  readonly section: string | undefined;
}

/** A note, its lines joined. */
export interface Note {
  readonly kind: 'Gap' | 'Deviation';
  readonly text: string;
  /** What it names itself, or else what the comment around it names. */
  readonly rfcs: readonly number[];
}

/** Between an RFC's number and its sections, or between two of them, stands no more than this. */
const REACH_CHARACTERS = 40;

/** All citations in order; a text may repeat them. */
export function findCitations(source: string): readonly Citation[] {
  const text = joinLines(source);
  const citations: Citation[] = [];
  const token = /\bRFC (?<rfc>\d{3,5})\b|§(?<section>[0-9A-Z]\w*(?:\.\w+)*)/g;
  let rfc: number | undefined;
  let reachedTo = 0;
  let hasSection = true;
  const close = (): void => {
    if (rfc !== undefined && !hasSection) citations.push({ rfc, section: undefined });
  };
  for (const match of text.matchAll(token)) {
    const { rfc: number, section } = match.groups ?? {};
    if (number !== undefined) {
      close();
      rfc = Number(number);
      hasSection = false;
    } else if (rfc !== undefined && match.index - reachedTo <= REACH_CHARACTERS) {
      citations.push({ rfc, section });
      hasSection = true;
    } else {
      continue;
    }
    reachedTo = match.index + match[0].length;
  }
  close();
  return citations;
}

/** All notes in order. A note ends with its comment, at an empty line, or at a `@param`. */
export function findNotes(source: string): readonly Note[] {
  return [...source.matchAll(/\/\*[^]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm)].flatMap(([comment]) => {
    const text = comment.replaceAll(/^[ \t]*(?:\/\*\*?|\*\/|\*(?!\/)|\/\/)[ \t]?/gm, '');
    const around = numbersIn(text);
    return [
      ...text.matchAll(
        /\b(?<kind>Gap|Deviation): (?<text>[^]*?)(?=\n\s*\n|\n@|\bGap: |\bDeviation: |$)/g,
      ),
    ].map(({ groups = {} }) => {
      const note = (groups['text'] ?? '')
        .replace(/\*\/\s*$/, '')
        .replaceAll(/\s+/g, ' ')
        .trim();
      const own = numbersIn(note);
      return {
        kind: groups['kind'] === 'Gap' ? ('Gap' as const) : ('Deviation' as const),
        text: note,
        rfcs: own.length > 0 ? own : around,
      };
    });
  });
}

function numbersIn(text: string): readonly number[] {
  return [...new Set(findCitations(text).map(({ rfc }) => rfc))];
}

/** One line of words, whatever comment they stand in. */
function joinLines(source: string): string {
  return source.replaceAll(/\s*\n[ \t]*(?:\*(?!\/)|\/\/)?[ \t]*/g, ' ');
}

/** Orders `6.4.10` behind `6.4.2`, and appendices behind numbers. */
export function compareSections(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
