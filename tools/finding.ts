/** What the checks of this folder report: where, what, and what to do about it. */

/** One thing that a check refuses. */
export interface Finding {
  /** Path from the root of the repository, with `/`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly what: string;
  readonly remedy: string;
}

/** The findings as text for a terminal, sorted by place, two lines each. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings
    .toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
    .map(({ file, line, what, remedy }) => `${file}:${line}: ${what}\n    ${remedy}`)
    .join('\n');
}

/** The line, counted from 1, on which the character at `offset` stands. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}
