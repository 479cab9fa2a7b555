/** Folder names of a mailbox as names of files: nothing in them may lead anywhere else. */
import { encodeModifiedUtf7 } from '@homeward/imap/grammar';

/** Levels that a file system would take for something else, or cannot have. */
function toSafeLevel(level: string): string {
  const printable = level.replaceAll(/[\0-\x1f\x7f/\\]/g, '_');
  return /^\.*$/.test(printable) ? `_${printable}` : printable;
}

/** Path of an mbox file from the folder of the export: `Work/2024.mbox`. */
export function mboxPath(path: string): string {
  return `${path.split('/').map(toSafeLevel).join('/')}.mbox`;
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
    for (let number = 1; ; number += 1) {
      const numbered = number === 1 ? name : `${name}-${number}`;
      if (this.#used.has(numbered)) continue;
      this.#used.add(numbered);
      return numbered;
    }
  }
}
