/**
 * The first words of a message, for lists of messages (RFC 8970 §3.3): from the best text there
 * is, without markup, quotations and padding, at most 200 characters.
 *
 * Nothing more of a message is looked at than is needed, and never much.
 */
import { createHtmlTextReader } from './html-text.ts';
import type { MimePart } from './message-shape.ts';
import { createTextExtractor } from './text-extractor.ts';

/** Unicode characters of a preview, at most. */
export const PREVIEW_CHARACTERS = 200;
/** Octets of one part's body that are looked at; HTML begins with a long style sheet at times. */
export const PREVIEW_BODY_BYTES: number = 64 * 1024;
/** Parts that are looked at if those before have no text. */
const MOST_PARTS = 4;
/** What the collector keeps of a message that passes by. */
const HEAD_BYTES = 32 * 1024;
/** Octets decoded at a time: as many as most previews take. */
const STEP_BYTES = 1024;
const SPACE = /[\s\p{Cc}\u2800]/u;
/** Format characters that newsletters fill a preview with, among blanks. */
const PADDING = /\p{Cf}/u;
const MORE_PADDING: ReadonlySet<string> = new Set(['\u034f', '\u115f', '\u1160']);

/**
 * Parts whose text may stand for the message, best first; none if there is no such text.
 * Attachments and messages within the message are none.
 */
export function listPreviewParts(root: MimePart): readonly MimePart[] {
  const found: MimePart[] = [];
  collectParts(root, found);
  return found;
}

function collectParts(part: MimePart, found: MimePart[]): void {
  if (found.length >= MOST_PARTS || /^attachment$/i.test(part.disposition?.type ?? '')) return;
  if (part.parts.length === 0) {
    if (isPlain(part) || isHtml(part)) found.push(part);
    return;
  }
  if (/^encrypted$/i.test(part.subtype)) return;
  const isAlternative = /^alternative$/i.test(part.subtype);
  const parts = isAlternative ? part.parts.toSorted(byPlainness) : part.parts;
  for (const child of parts) {
    if (found.length >= MOST_PARTS) return;
    collectParts(child, found);
  }
}

function byPlainness(left: MimePart, right: MimePart): number {
  return Number(isPlain(right)) - Number(isPlain(left));
}

function isPlain(part: MimePart): boolean {
  return isText(part) && /^(?:plain|markdown|enriched)$/i.test(part.subtype);
}

function isHtml(part: MimePart): boolean {
  return isText(part) && /^html$/i.test(part.subtype);
}

function isText(part: MimePart): boolean {
  return /^text$/i.test(part.type) && part.message === undefined;
}

/** What was found in one part's body. */
export interface PartPreview {
  readonly text: string;
  /** More octets of the part would not change it. */
  readonly isFinal: boolean;
}

/** @param body The part's octets from `bodyStart` on, or the first of them. */
export function previewPart(part: MimePart, body: Uint8Array): PartPreview {
  const words = new PreviewWords();
  const reader = isHtml(part) ? createHtmlTextReader() : createUnquotedReader();
  const extractor = createTextExtractor(part);
  for (let from = 0; from < body.length && !words.isFull; from += STEP_BYTES) {
    words.add(reader.push(extractor.push(body.subarray(from, from + STEP_BYTES))));
  }
  if (words.isFull) return { text: words.text, isFinal: true };
  words.add(reader.push(extractor.finish()) + reader.finish());
  const isWhole = body.length >= part.bodyEnd - part.bodyStart;
  return { text: words.text, isFinal: isWhole || words.isFull };
}

/** Makes a preview of a message that passes by, if what matters is near its beginning. */
export interface PreviewCollector {
  /** Does not keep `octets`. */
  push(octets: Uint8Array): void;
  /** @returns undefined if the message must be read for it: too much lies in front of its text. */
  finish(root: MimePart): string | undefined;
}

/** For one message; holds its first 32 KB. */
export function createPreviewCollector(): PreviewCollector {
  const pieces: Uint8Array[] = [];
  let byteCount = 0;
  return {
    push(octets) {
      if (byteCount >= HEAD_BYTES) return;
      const piece = Buffer.from(octets.subarray(0, HEAD_BYTES - byteCount));
      pieces.push(piece);
      byteCount += piece.length;
    },
    finish(root) {
      const [first] = pieces;
      const head = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
      for (const part of listPreviewParts(root)) {
        const { text, isFinal } = previewPart(part, head.subarray(part.bodyStart, part.bodyEnd));
        if (!isFinal) return undefined;
        if (text !== '') return text;
      }
      return '';
    },
  };
}

/** Words one after another, with one blank between them, until there are enough. */
class PreviewWords {
  #text = '';
  #isSpaceDue = false;

  /** Characters beyond U+FFFF count twice here, which is made good by `text`. */
  get isFull(): boolean {
    return this.#text.length >= PREVIEW_CHARACTERS * 2;
  }

  get text(): string {
    let text = '';
    let count = 0;
    for (const character of this.#text) {
      if (count === PREVIEW_CHARACTERS) break;
      text += character;
      count += 1;
    }
    return text.toWellFormed().trimEnd();
  }

  add(text: string): void {
    for (let at = 0; at < text.length && !this.isFull;) {
      const end = endOfAsciiWord(text, at);
      if (end > at) {
        this.#addVisible(text.slice(at, end));
        at = end;
        continue;
      }
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      at += character.length;
      if (SPACE.test(character)) this.#isSpaceDue = this.#text !== '';
      else if (!isPadding(character)) this.#addVisible(character);
      // Within a word such a character matters to some scripts.
      else if (!this.#isSpaceDue && this.#text !== '') this.#text += character;
    }
  }

  #addVisible(characters: string): void {
    this.#text += this.#isSpaceDue ? ` ${characters}` : characters;
    this.#isSpaceDue = false;
  }
}

/** Most text is made of these; no more than a preview holds of one. */
function endOfAsciiWord(text: string, at: number): number {
  const most = Math.min(text.length, at + PREVIEW_CHARACTERS * 2);
  let end = at;
  while (end < most) {
    const code = text.charCodeAt(end);
    if (code <= 0x20 || code >= 0x7f) break;
    end += 1;
  }
  return end;
}

function isPadding(character: string): boolean {
  return PADDING.test(character) || MORE_PADDING.has(character);
}

/** Plain text without what it quotes (RFC 3676 §4.5) and without its signature (§4.3). */
function createUnquotedReader(): { push(text: string): string; finish(): string } {
  let line = '';
  let isOver = false;
  const take = (whole: string): string => {
    if (isOver || /^ ?>/.test(whole)) return '';
    isOver = whole === '-- ' || whole === '-- \r';
    return isOver ? '' : `${whole}\n`;
  };
  return {
    push(text) {
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      return lines.map(take).join('');
    },
    finish: () => take(line),
  };
}
