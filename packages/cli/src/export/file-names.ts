/** Folder names of a mailbox as names of files: nothing in them may lead anywhere else. */
import { encodeModifiedUtf7 } from '@homeward/imap/grammar';

/** Levels that a file system would take for something else, or cannot have. */
function toSafeLevel(level: string): string {
  const printable = level.replaceAll(/[\0-\x1f\x7f/\\]/g, '_');
  return /^\.*$/.test(printable) ? `_${printable}` : printable;
}

/** Ends that files of an export have, and the name of its notes. */
const OUR_NAMES = /(?:\.mbox(?:\.part)?|^homeward-export\.json)$/i;

/**
 * Paths of mbox files from the folder of the export: `Work/2024.mbox`. A level that ends as a
 * file does gets a "_", so that no folder lies where a file does; where two folders come to one
 * path, the later gets a number.
 */
export class MboxNames {
  readonly #used = new Set<string>();

  next(path: string): string {
    const levels = path.split('/').map((level) => {
      const safe = toSafeLevel(level);
      return OUR_NAMES.test(safe) ? `${safe}_` : safe;
    });
    const name = firstUnused(levels.join('/'), this.#used);
    return `${name}.mbox`;
  }
}

/** Adds what it gives. */
function firstUnused(name: string, used: Set<string>): string {
  for (let number = 1; ; number += 1) {
    const numbered = number === 1 ? name : `${name}-${number}`;
    if (used.has(numbered)) continue;
    used.add(numbered);
    return numbered;
  }
}

/**
 * Names of Maildir++ folders: `.Work.2024`, levels in modified UTF-7; the inbox is the Maildir
 * itself, "". A dot inside a level would be another level, so it becomes "_"; where that makes
 * two names one, the later gets a number.
 */
export class MaildirNames {
  readonly #used = new Set<string>();

  next(path: string): string {
    if (path === 'INBOX') return '';
    const levels = path.split('/').map((level) => toSafeLevel(level).replaceAll('.', '_'));
    const name = `.${levels.map(encodeModifiedUtf7).join('.')}`;
    return firstUnused(name, this.#used);
  }
}
