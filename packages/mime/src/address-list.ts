/**
 * Address lists (RFC 5322 §3.4, and the obsolete forms of §4.4) as ENVELOPE wants them
 * (RFC 3501 §7.4.2), read leniently: whatever was sent, each entry gives at most one address,
 * groups are balanced, and nothing fails.
 *
 * What is lenient: semicolons between addresses (Outlook), missing commas, words in front of a
 * bare address, quotes and brackets that never close, addresses without a domain (their host is
 * the empty string, since an undefined one would mark a group), encoded words with commas.
 */
import { AddressTokenizer, type AddressToken as Token } from './address-tokens.ts';
import type { EnvelopeAddress } from './message-shape.ts';

const groupEnd: EnvelopeAddress = {
  name: undefined,
  route: undefined,
  mailbox: undefined,
  host: undefined,
};

/**
 * Parses an unfolded field value.
 * @param maxCount Entries after which the rest is left out; an open group is still closed.
 */
export function parseAddressList(text: string, maxCount: number): readonly EnvelopeAddress[] {
  if (text === '') return [];
  return new AddressListReader(text, maxCount).read();
}

/** What has been read of one entry. */
interface Entry {
  readonly tokens: Token[];
  comment: string | undefined;
  /** Set once an angle address was read. */
  angle: { readonly route: string | undefined; readonly tokens: readonly Token[] } | undefined;
}

class AddressListReader {
  readonly #tokens: AddressTokenizer;
  readonly #maxCount: number;
  readonly #addresses: EnvelopeAddress[] = [];
  #isInGroup = false;
  #entry: Entry = emptyEntry();

  constructor(text: string, maxCount: number) {
    this.#tokens = new AddressTokenizer(text);
    this.#maxCount = maxCount;
  }

  read(): readonly EnvelopeAddress[] {
    while (this.#addresses.length < this.#maxCount) {
      const token = this.#tokens.next();
      if (token === undefined) break;
      if (token.kind === 'special') this.#readSpecial(token);
      else this.#addToken(token);
    }
    if (this.#addresses.length < this.#maxCount) this.#finishEntry();
    this.#finishGroup();
    return this.#addresses;
  }

  #addToken(token: Token): void {
    if (token.kind === 'comment') this.#entry.comment ??= token.text;
    else this.#entry.tokens.push(token);
  }

  #readSpecial(token: Token): void {
    switch (token.text) {
      case ',':
        this.#finishEntry();
        return;
      case ';':
        this.#finishEntry();
        this.#finishGroup();
        return;
      case ':':
        this.#startGroup();
        return;
      case '<':
        this.#readAngle();
        return;
      case '>':
      case ')':
        return;
      default:
        this.#entry.tokens.push(token);
    }
  }

  /** A second group inside a group is not in the grammar: it ends the first one. */
  #startGroup(): void {
    const name = joinPhrase(this.#entry.tokens);
    this.#entry = emptyEntry();
    this.#finishGroup();
    this.#addresses.push({ name: undefined, route: undefined, mailbox: name, host: undefined });
    this.#isInGroup = true;
  }

  #finishGroup(): void {
    if (this.#isInGroup) this.#addresses.push(groupEnd);
    this.#isInGroup = false;
  }

  /** Reads from behind "<" to ">" (RFC 5322 §4.4 puts a route in front: `@a,@b:`). */
  #readAngle(): void {
    if (this.#entry.angle !== undefined) this.#finishEntry();
    const tokens: Token[] = [];
    let route: string | undefined;
    for (;;) {
      const token = this.#tokens.next();
      const isSpecial = token?.kind === 'special';
      if (token === undefined || (isSpecial && token.text === '>')) break;
      if (isSpecial && token.text === ':' && tokens[0]?.text === '@') {
        route = tokens.map(({ text }) => text).join('');
        tokens.length = 0;
      } else if (isSpecial && ',;'.includes(token.text) && tokens[0]?.text !== '@') {
        this.#entry.angle = { route, tokens };
        this.#readSpecial(token);
        return;
      } else if (token.kind !== 'comment' && !(isSpecial && token.text === '<')) {
        tokens.push(token);
      }
    }
    this.#entry.angle = { route, tokens };
  }

  #finishEntry(): void {
    const { tokens, angle, comment } = this.#entry;
    this.#entry = emptyEntry();
    if (angle !== undefined) {
      const name = joinPhrase(tokens) || comment || undefined;
      this.#addresses.push({ name, route: angle.route, ...splitAddress(angle.tokens) });
    } else if (tokens.length > 0) {
      const start = findAddressStart(tokens);
      const name = joinPhrase(tokens.slice(0, start)) || comment || undefined;
      this.#addresses.push({ name, route: undefined, ...splitAddress(tokens.slice(start)) });
    }
  }
}

function emptyEntry(): Entry {
  return { tokens: [], comment: undefined, angle: undefined };
}

/** Words of a display name; one space where there was white space, dots as they stood. */
function joinPhrase(tokens: readonly Token[]): string {
  let phrase = '';
  for (const { text, hasSpaceBefore } of tokens) {
    phrase += hasSpaceBefore && phrase !== '' ? ` ${text}` : text;
  }
  return phrase;
}

/** In `Full Name user@host` finds `user`: the last word before "@" and what is tied to it. */
function findAddressStart(tokens: readonly Token[]): number {
  let index = tokens.findIndex(isAt);
  if (index === -1) return 0;
  while (index > 1 && isTied(tokens[index - 2], tokens[index - 1])) index--;
  return Math.max(index - 1, 0);
}

function isTied(left: Token | undefined, right: Token | undefined): boolean {
  return isDot(left) || isDot(right) || right?.hasSpaceBefore === false;
}

function isAt(token: Token | undefined): boolean {
  return token?.kind === 'special' && token.text === '@';
}

function isDot(token: Token | undefined): boolean {
  return token?.kind === 'special' && token.text === '.';
}

/** Splits at the last "@". White space around dots goes (RFC 5322 §4.4), else it stays. */
function splitAddress(tokens: readonly Token[]): { mailbox: string; host: string } {
  const at = tokens.findLastIndex(isAt);
  if (at === -1) return { mailbox: joinAddressPart(tokens), host: '' };
  return {
    mailbox: joinAddressPart(tokens.slice(0, at)),
    host: joinAddressPart(tokens.slice(at + 1)),
  };
}

function joinAddressPart(tokens: readonly Token[]): string {
  let part = '';
  let previous: Token | undefined;
  for (const token of tokens) {
    const isJoined = part === '' || isDot(token) || isDot(previous) || !token.hasSpaceBefore;
    part += isJoined ? token.text : ` ${token.text}`;
    previous = token;
  }
  return part;
}
