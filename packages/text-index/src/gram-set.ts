/**
 * The distinct grams of a text that comes in pieces, in bounded memory.
 *
 * A gram is made of the characters in a window of one, two or three, and of nothing else; so
 * every gram of a text is one of any longer text that has it inside. Windows are:
 * - three Latin characters, the outer two letters or digits;
 * - one character of any other script;
 * - two letters, if one is not Latin;
 * - three letters of alphabets, if one is not Latin.
 * Latin grams have numbers of their own; others are hashed, and two that share a number only
 * cost a look into one message too many.
 */
import {
  BREAK,
  FIRST_SOLID,
  LATIN_END,
  LATIN_SYMBOLS,
  isAlphabetic,
  latinRarity,
  latinSymbols,
  otherSymbol,
} from './gram-alphabet.ts';

const LATIN_GRAMS = LATIN_SYMBOLS ** 3;
/**
 * Grams kept of one text: that of a book of a million letters, or of Chinese news of a hundred
 * thousand. What has more is random, and would be found by everything anyway.
 */
const MOST_GRAMS = 32_768;

/** One at a time: `start`, then any number of `startText` and `push`. */
export class GramSet {
  /** The round in which a Latin gram was last met. */
  readonly #metIn = new Uint32Array(LATIN_GRAMS);
  readonly #latin = new Uint16Array(MOST_GRAMS + 1);
  readonly #others = new Set<number>();
  #round = 0;
  #latinCount = 0;
  #isFull = false;
  /** The last two symbols, and the first half of a pair that a piece ended with. */
  #first = BREAK;
  #second = BREAK;
  #carried = '';

  /** Forgets everything. */
  start(): void {
    this.#round += 1;
    this.#latinCount = 0;
    this.#others.clear();
    this.#isFull = false;
    this.startText();
  }

  /** What follows does not continue what came before. */
  startText(): void {
    this.#first = BREAK;
    this.#second = BREAK;
    this.#carried = '';
  }

  /** Says of itself that it is full: for text that is not worth reading. */
  giveUp(): void {
    this.#isFull = true;
  }

  /** True if there were too many; more text changes nothing. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes the next piece of folded text. */
  push(folded: string): void {
    if (this.#isFull) return;
    const text = this.#carryOver(folded);
    let first = this.#first;
    let second = this.#second;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      let symbol: number;
      if (unit < LATIN_END) symbol = latinSymbols[unit] as number;
      else {
        const codePoint = text.codePointAt(at) as number;
        if (codePoint > 0xffff) at += 1;
        symbol = otherSymbol(codePoint);
      }
      if (first >= LATIN_SYMBOLS || second >= LATIN_SYMBOLS || symbol >= LATIN_SYMBOLS) {
        this.#addOthers(first, second, symbol);
      } else if (first >= FIRST_SOLID && symbol >= FIRST_SOLID && second !== BREAK) {
        const gram = (first * LATIN_SYMBOLS + second) * LATIN_SYMBOLS + symbol;
        if (this.#metIn[gram] !== this.#round) this.#addLatin(gram);
      }
      first = second;
      second = symbol;
    }
    this.#first = first;
    this.#second = second;
  }

  /** All grams, each once. Meaningless once `isFull`. */
  get grams(): number[] {
    return [...this.#latin.subarray(0, this.#latinCount), ...this.#others];
  }

  /** Keeps back the first half of a surrogate pair until the next piece comes. */
  #carryOver(folded: string): string {
    const text = this.#carried + folded;
    const isCut = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800;
    this.#carried = isCut ? text.slice(-1) : '';
    return isCut ? text.slice(0, -1) : text;
  }

  #addLatin(gram: number): void {
    if (this.#latinCount + this.#others.size >= MOST_GRAMS) {
      this.#isFull = true;
      return;
    }
    this.#metIn[gram] = this.#round;
    this.#latin[this.#latinCount] = gram;
    this.#latinCount += 1;
  }

  #addOthers(first: number, second: number, third: number): void {
    if (third >= LATIN_SYMBOLS) this.#addOther(hash(third, BREAK, BREAK));
    if (second < FIRST_SOLID || third < FIRST_SOLID) return;
    if (second >= LATIN_SYMBOLS || third >= LATIN_SYMBOLS) {
      this.#addOther(hash(second, third, BREAK));
    }
    if (first < FIRST_SOLID) return;
    if (isAlphabetic(first) && isAlphabetic(second) && isAlphabetic(third)) {
      this.#addOther(hash(first, second, third));
    }
  }

  #addOther(gram: number): void {
    if (this.#latinCount + this.#others.size >= MOST_GRAMS) this.#isFull = true;
    else this.#others.add(gram);
  }
}

/** 28 bits, behind the Latin grams. */
function hash(first: number, second: number, third: number): number {
  let mixed = Math.imul(first ^ 0x2545f491, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ second, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13) ^ third, 0xc2b2ae35);
  return LATIN_GRAMS + ((mixed ^ (mixed >>> 16)) >>> 4);
}

/** Greater for grams that few messages have. */
export function rarityOf(gram: number): number {
  if (gram >= LATIN_GRAMS) return Number.MAX_SAFE_INTEGER;
  const third = gram % LATIN_SYMBOLS;
  const second = Math.floor(gram / LATIN_SYMBOLS) % LATIN_SYMBOLS;
  const first = Math.floor(gram / LATIN_SYMBOLS ** 2);
  return (latinRarity[first] ?? 0) + (latinRarity[second] ?? 0) + (latinRarity[third] ?? 0);
}
