/**
 * The base subject (RFC 5256 §2.1): a subject without "Re:", "Fwd:", "[list]", "(fwd)" and
 * "[Fwd: …]". All servers must find exactly the same.
 *
 * Two cursors move over the text towards each other, so time is linear in its length whatever
 * brackets it is made of.
 */

/** What `extractBaseSubject` found. */
export interface BaseSubject {
  /** May be empty. Spelled as in the subject; comparison folds it. */
  readonly text: string;
  /** RFC 5256 §3 THREAD: a subj-refwd, a "(fwd)" or a "[fwd: …]" was removed. */
  readonly isReplyOrForward: boolean;
}

/** @param subject Unfolded, encoded words decoded. */
export function extractBaseSubject(subject: string): BaseSubject {
  return new Extraction(subject.replaceAll(/[ \t\r\n]+/g, ' ')).run();
}

const forwardTrailer = '(fwd)';
const forwardHeader = '[fwd:';

class Extraction {
  readonly #text: string;
  #start = 0;
  #end: number;
  #isReplyOrForward = false;

  /** @param text White space is single spaces: step 1 is done. */
  constructor(text: string) {
    this.#text = text;
    this.#end = text.length;
  }

  run(): BaseSubject {
    do {
      this.#removeTrailers();
      this.#removeLeaders();
    } while (this.#removeForward());
    const text = this.#text.slice(this.#start, this.#end);
    return { text, isReplyOrForward: this.#isReplyOrForward };
  }

  /** Step 2: subj-trailer. */
  #removeTrailers(): void {
    for (;;) {
      if (this.#isSpace(this.#end - 1) && this.#end > this.#start) this.#end -= 1;
      else if (this.#has(forwardTrailer, this.#end - forwardTrailer.length)) {
        this.#end -= forwardTrailer.length;
        this.#isReplyOrForward = true;
      } else return;
    }
  }

  /**
   * Steps 3 to 5: subj-leader, and subj-blobs that leave something. Blobs that no "Re:" follows
   * are looked at once: what follows them does not change when the first ones go.
   */
  #removeLeaders(): void {
    for (;;) {
      this.#start = this.#skipSpaces(this.#start);
      const blobStarts: number[] = [];
      let at = this.#start;
      for (let next = this.#skipBlob(at); next !== at; next = this.#skipBlob(at)) {
        blobStarts.push(at);
        at = next;
      }
      const behind = this.#skipReplyMark(at);
      if (behind === -1) {
        this.#start = at < this.#end ? at : (blobStarts.at(-1) ?? this.#start);
        return;
      }
      this.#start = behind;
      this.#isReplyOrForward = true;
    }
  }

  /** Step 6. @returns whether there was something, which makes all steps repeat. */
  #removeForward(): boolean {
    const isForward =
      this.#has(forwardHeader, this.#start) &&
      this.#end > this.#start + forwardHeader.length &&
      this.#text[this.#end - 1] === ']';
    if (!isForward) return false;
    this.#start += forwardHeader.length;
    this.#end -= 1;
    this.#isReplyOrForward = true;
    return true;
  }

  /** subj-refwd. @returns where it ends, or -1 if there is none. */
  #skipReplyMark(from: number): number {
    const word = ['re', 'fwd', 'fw'].find((mark) => this.#has(mark, from));
    if (word === undefined) return -1;
    const at = this.#skipBlob(this.#skipSpaces(from + word.length));
    return at < this.#end && this.#text[at] === ':' ? at + 1 : -1;
  }

  /** subj-blob. @returns where it ends with its spaces; `from` if there is none. */
  #skipBlob(from: number): number {
    if (from >= this.#end || this.#text[from] !== '[') return from;
    for (let at = from + 1; at < this.#end; at += 1) {
      if (this.#text[at] === ']') return this.#skipSpaces(at + 1);
      if (this.#text[at] === '[') return from;
    }
    return from;
  }

  #skipSpaces(from: number): number {
    let at = from;
    while (at < this.#end && this.#isSpace(at)) at += 1;
    return at;
  }

  #isSpace(at: number): boolean {
    return this.#text[at] === ' ';
  }

  /** @param word ASCII in lower case. */
  #has(word: string, at: number): boolean {
    if (at < this.#start || at + word.length > this.#end) return false;
    return this.#text.slice(at, at + word.length).toLowerCase() === word;
  }
}
