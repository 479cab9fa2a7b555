/**
 * What a person sees of HTML, roughly: text without tags, comments, scripts and styles, with
 * character references decoded. For previews, not for rendering; nothing is too broken for it.
 * Takes pieces, in time linear to their length, and keeps at most one reference or tag name.
 */
import { decodeHtmlEntity } from './html-entities.ts';

/** Elements whose content nobody sees. */
const UNSEEN: ReadonlySet<string> = new Set(['style', 'script', 'title', 'template', 'object']);
/** Elements that do not break a word. */
const INLINE: ReadonlySet<string> = new Set(
  'a abbr b bdi bdo big code em font i mark s small span strike strong sub sup tt u wbr'.split(' '),
);
const LONGEST_NAME = 16;
const LONGEST_REFERENCE = 12;
const SPACE = /[\t\n\f\r ]/;

type State =
  | 'text'
  /** Behind "<". */
  | 'tag-open'
  | 'tag-name'
  | 'tag'
  /** Behind "=" in a tag: a quote begins a value in which ">" means nothing. */
  | 'value-start'
  | 'value'
  /** Behind "<!", which may become a comment. */
  | 'declaration'
  | 'comment'
  | 'reference';

/** Text in, what is seen of it out. */
export interface HtmlTextReader {
  push(html: string): string;
  /** What is left; call once. */
  finish(): string;
}

/** For one document. */
export function createHtmlTextReader(): HtmlTextReader {
  return new Reader();
}

class Reader implements HtmlTextReader {
  #state: State = 'text';
  #seen = '';
  /** A reference or the name of a tag as far as it is there; the last characters of a comment. */
  #held = '';
  #isClosing = false;
  #quote = '';
  /** The element that must be closed before anything is seen again. */
  #unseen: string | undefined;

  push(html: string): string {
    this.#seen = '';
    let at = 0;
    while (at < html.length) {
      const end = this.#endOfRun(html, at);
      if (this.#state === 'text') this.#say(html.slice(at, end));
      if (end < html.length) this.#take(html.charAt(end));
      at = end + 1;
    }
    return this.#seen;
  }

  /** Where something happens: what lies before it is of one kind. */
  #endOfRun(html: string, at: number): number {
    if (this.#state === 'text') {
      const tag = indexOr(html, '<', at);
      // Within what is unseen, references are none.
      return this.#unseen === undefined ? Math.min(tag, indexOr(html, '&', at, tag)) : tag;
    }
    if (this.#state === 'tag') {
      const end = indexOr(html, '>', at);
      return Math.min(end, indexOr(html, '=', at, end));
    }
    return this.#state === 'value' ? indexOr(html, this.#quote, at) : at;
  }

  finish(): string {
    this.#seen = '';
    if (this.#state === 'reference') this.#say(`&${this.#held}`);
    if (this.#state === 'tag-open') this.#say('<');
    return this.#seen;
  }

  #say(text: string): void {
    if (this.#unseen === undefined) this.#seen += text;
  }

  #take(character: string): void {
    switch (this.#state) {
      case 'text':
        return this.#takeText(character);
      case 'tag-open':
        return this.#takeTagOpen(character);
      case 'tag-name':
        return this.#takeTagName(character);
      case 'tag':
      case 'value-start':
        return this.#takeTag(character);
      case 'value':
        if (character === this.#quote) this.#state = 'tag';
        return;
      case 'declaration':
        return this.#takeDeclaration(character);
      case 'comment':
        this.#held = (this.#held + character).slice(-3);
        if (this.#held === '-->') this.#state = 'text';
        return;
      case 'reference':
        return this.#takeReference(character);
    }
  }

  #takeText(character: string): void {
    if (character === '<') this.#state = 'tag-open';
    else if (character === '&') {
      this.#held = '';
      this.#state = 'reference';
    } else this.#say(character);
  }

  #takeTagOpen(character: string): void {
    this.#held = '';
    this.#isClosing = character === '/';
    // Within a script or a style, only its own end is a tag.
    if (character === '/') this.#state = 'tag-name';
    else if (this.#unseen !== undefined) this.#backToText(character);
    else if (character === '!' || character === '?') this.#state = 'declaration';
    else if (/[a-z]/i.test(character)) {
      this.#held = character;
      this.#state = 'tag-name';
    } else {
      this.#say('<');
      this.#backToText(character);
    }
  }

  #backToText(character: string): void {
    this.#state = 'text';
    this.#takeText(character);
  }

  #takeTagName(character: string): void {
    if (character !== '>' && character !== '/' && !SPACE.test(character)) {
      if (this.#held.length < LONGEST_NAME) this.#held += character;
      return;
    }
    this.#tagNamed(this.#held.toLowerCase());
    if (this.#unseen !== undefined && this.#isClosing) return this.#backToText(character);
    this.#state = 'tag';
    this.#takeTag(character);
  }

  #tagNamed(name: string): void {
    if (this.#unseen === undefined) {
      if (!INLINE.has(name)) this.#say(' ');
      if (!this.#isClosing && UNSEEN.has(name)) this.#unseen = name;
    } else if (this.#isClosing && name === this.#unseen) this.#unseen = undefined;
  }

  #takeTag(character: string): void {
    if (character === '>') this.#state = 'text';
    else if (this.#state === 'value-start' && (character === '"' || character === "'")) {
      this.#quote = character;
      this.#state = 'value';
    } else if (character === '=') this.#state = 'value-start';
    else if (!SPACE.test(character)) this.#state = 'tag';
  }

  #takeDeclaration(character: string): void {
    this.#held += character;
    if (this.#held === '--') {
      this.#held = '';
      this.#state = 'comment';
    } else if (character === '>') this.#state = 'text';
    else if (this.#held.length > 1) this.#held = 'no comment';
  }

  #takeReference(character: string): void {
    if (character === ';') {
      this.#say(decodeHtmlEntity(this.#held) ?? `&${this.#held};`);
      this.#state = 'text';
    } else if (/[#\w]/.test(character) && this.#held.length < LONGEST_REFERENCE) {
      this.#held += character;
    } else {
      this.#say(`&${this.#held}`);
      this.#backToText(character);
    }
  }
}

/** @returns where `character` is; `end`, or the end of the text, if it is not there. */
function indexOr(text: string, character: string, from: number, end = text.length): number {
  const at = text.indexOf(character, from);
  return at < 0 ? end : at;
}
