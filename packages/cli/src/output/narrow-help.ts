/**
 * Help for terminals of 80 columns: commander stops wrapping descriptions once the longest term
 * leaves them less than 40, so one long option would make all of a command's help run on.
 */
import { Help, type HelpConfiguration } from 'commander';

/** Of the column of terms; leaves 40 for descriptions. */
const MAX_TERM_WIDTH = 34;

export const narrowHelp: HelpConfiguration = {
  padWidth(command, help) {
    return Math.min(MAX_TERM_WIDTH, Help.prototype.padWidth.call(this, command, help));
  },
  /** A term that is too long has a line of its own. */
  formatItem(term, termWidth, description, help) {
    const format = (text: string): string =>
      Help.prototype.formatItem.call(this, text, termWidth, description, help);
    if (description === '' || help.displayWidth(term) <= termWidth) return format(term);
    return `  ${term}\n${format('')}`;
  },
};

const LINE_LENGTH = 80;

/** Texts below a command's options: paragraphs that are too wide are wrapped anew. */
export function narrowText(text: string): string {
  // Blank and indented lines, which are examples and tables, are kept.
  return text.replaceAll(/^\S.*(?:\n\S.*)*/gm, (paragraph) => {
    const lines = paragraph.split('\n');
    if (lines.every(({ length }) => length <= LINE_LENGTH)) return paragraph;
    return new Help().boxWrap(lines.join(' '), LINE_LENGTH);
  });
}
