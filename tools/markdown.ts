/** Reads of a Markdown text what the documentation check asks: links, headings, code blocks. */

/** A link or image, with its target as written. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** A heading by the anchor that GitHub gives it. */
export interface Heading {
  readonly anchor: string;
}

/** One line inside a fenced code block. */
export interface CodeLine {
  readonly text: string;
  readonly line: number;
}

/** The parts of a Markdown text; lines are counted from 1. */
export interface Markdown {
  readonly links: readonly Link[];
  readonly headings: readonly Heading[];
  readonly codeLines: readonly CodeLine[];
}

const inlineLink = /\]\(\s*<?(?<target>[^)\s>]+)>?(?:\s+["'][^)]*)?\)/g;
const definition = /^\s{0,3}\[[^\]]+\]:\s+<?(?<target>[^\s>]+)/;
const explicitAnchor = /<a\s+(?:id|name)="(?<anchor>[^"]+)"/g;

/** Splits a text into prose and fenced blocks, and takes links and headings from the prose. */
export function readMarkdown(text: string): Markdown {
  const links: Link[] = [];
  const codeLines: CodeLine[] = [];
  const anchors: string[] = [];
  let fence: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const mark = /^\s*(?<mark>`{3,}|~{3,})/.exec(raw)?.groups?.['mark'];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true) fence = undefined;
      else codeLines.push({ text: raw, line });
    } else if (mark !== undefined) {
      fence = mark;
    } else {
      const prose = raw.replace(/`[^`]*`/g, '``');
      for (const target of findTargets(prose)) links.push({ target, line });
      anchors.push(...findAnchors(raw));
    }
  }
  return { links, headings: numberRepeated(anchors), codeLines };
}

function findTargets(prose: string): string[] {
  const targets = [...prose.matchAll(inlineLink)].map((match) => match.groups?.['target'] ?? '');
  const defined = definition.exec(prose)?.groups?.['target'];
  return defined === undefined ? targets : [...targets, defined];
}

function findAnchors(raw: string): string[] {
  const explicit = [...raw.matchAll(explicitAnchor)].map((one) => one.groups?.['anchor'] ?? '');
  const title = /^#{1,6}\s+(?<title>.*?)\s*#*$/.exec(raw)?.groups?.['title'];
  return title === undefined ? explicit : [...explicit, formatAnchor(title)];
}

/** As GitHub does it: lower case, no punctuation, a hyphen for each space. */
function formatAnchor(title: string): string {
  return title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** The second heading of the same words gets `-1`, the third `-2`. */
function numberRepeated(anchors: readonly string[]): Heading[] {
  const seen = new Map<string, number>();
  return anchors.map((anchor) => {
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return { anchor: count === 0 ? anchor : `${anchor}-${count}` };
  });
}
