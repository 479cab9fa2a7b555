/** What all generated pages of the reference have in common. */

/** A page around the tables that are made. */
export interface ReferencePage {
  readonly title: string;
  /** Markdown, above the tables. */
  readonly introduction: string;
  /** The command that writes the page anew. */
  readonly madeBy: string;
  /** Markdown, below the tables. */
  readonly closing?: string;
}

/** The whole page. */
export function formatPage(page: ReferencePage, tables: string): string {
  const notice = `Made by \`${page.madeBy}\`; a test fails when this page is not current.`;
  const parts = [`# ${page.title}`, notice, page.introduction, tables, page.closing ?? ''];
  const text = parts.map((part) => part.trim()).filter((part) => part !== '');
  return `${text.join('\n\n')}\n`;
}

/** A table; cells are Markdown. */
export function formatMarkdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return lines.join('\n');
}

/** As code; nothing for nothing. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
