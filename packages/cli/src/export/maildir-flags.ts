/**
 * Flags in names of Maildir files: letters behind `:2,`, in order. Keywords have small letters,
 * which the file `dovecot-keywords` of the folder explains: 26 at most.
 */

const LETTERS: ReadonlyMap<string, string> = new Map([
  ['\\draft', 'D'],
  ['\\flagged', 'F'],
  ['$forwarded', 'P'],
  ['\\answered', 'R'],
  ['\\seen', 'S'],
  ['\\deleted', 'T'],
]);
const KEYWORD_LIMIT = 26;

/** The keywords of one folder. */
export class MaildirKeywords {
  readonly #names: string[];
  #lostCount = 0;

  /** @param text What is in `dovecot-keywords`; names keep their letters. */
  constructor(text: string) {
    this.#names = parseKeywords(text);
  }

  /** How often a keyword found no letter any more. */
  get lostCount(): number {
    return this.#lostCount;
  }

  /** The letters of a message. */
  lettersOf(flags: readonly string[]): string {
    const letters = flags.flatMap(
      (flag) => LETTERS.get(flag.toLowerCase()) ?? this.#letterOf(flag),
    );
    return letters.toSorted().join('');
  }

  /** What belongs into `dovecot-keywords`. */
  format(): string {
    return this.#names.map((name, index) => `${index} ${name}\n`).join('');
  }

  #letterOf(flag: string): string | readonly [] {
    if (flag.startsWith('\\')) return [];
    const known = this.#names.findIndex((name) => name.toLowerCase() === flag.toLowerCase());
    const index = known < 0 ? this.#names.length : known;
    if (index >= KEYWORD_LIMIT) {
      this.#lostCount += 1;
      return [];
    }
    this.#names[index] = flag;
    return String.fromCharCode(0x61 + index);
  }
}

/** Names by index, gaps filled with nothing that a flag could be called. */
export function parseKeywords(text: string): string[] {
  const names: string[] = [];
  for (const line of text.split('\n')) {
    const [, index, name] = /^(\d{1,2}) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && Number(index) < KEYWORD_LIMIT) names[Number(index)] = name;
  }
  return Array.from(names, (name, index) => name ?? `unused-${index}`);
}
