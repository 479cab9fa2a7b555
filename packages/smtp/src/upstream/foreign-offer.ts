/** What a server that is not ours said to EHLO (RFC 5321 §4.1.1.1). */

/** Lines of EHLO that are listened to. */
const LINE_LIMIT = 100;

/** One server's extensions, by keyword; made anew at each EHLO. */
export class ForeignOffer {
  readonly #parameters = new Map<string, readonly string[]>();
  #lineCount = 0;

  /** @param text Of one line behind its code. @returns False when there are too many. */
  add(text: string): boolean {
    this.#lineCount += 1;
    // The first line is the server's name.
    if (this.#lineCount === 1) return true;
    // Before RFC 2554 some wrote `AUTH=LOGIN`; they still say both.
    const [keyword = '', ...parameters] = text
      .toUpperCase()
      .replace(/^AUTH=/u, 'AUTH ')
      .split(' ');
    this.#parameters.set(keyword, [...(this.#parameters.get(keyword) ?? []), ...parameters]);
    return this.#lineCount <= LINE_LIMIT;
  }

  /** @returns Nothing where the keyword is not offered. */
  parametersOf(keyword: string): readonly string[] | undefined {
    return this.#parameters.get(keyword);
  }

  hasMechanism(name: string): boolean {
    return this.#parameters.get('AUTH')?.includes(name) ?? false;
  }
}
