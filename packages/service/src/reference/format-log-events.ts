/** The reference of a log catalogue. */
import { type LogCatalogue, type LogEventDeclaration, SCOPE_FIELDS } from '../logging/index.ts';
import { code, formatMarkdownTable, formatPage, type ReferencePage } from './markdown-page.ts';

/** @param events The program's own events, without those of the service layer. */
export function formatLogEventsReference(events: LogCatalogue, page: ReferencePage): string {
  const rows = Object.entries(events)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, event]) => [code(name), event.level, event.help, formatFields(event)]);
  return formatPage(page, formatMarkdownTable(['event', 'level', 'means', 'fields'], rows));
}

/** The fields that an event has by its scope, for the introduction. */
export function formatScopes(): string {
  const rows = Object.entries(SCOPE_FIELDS).map(([scope, fields]) => [
    `*${scope}*`,
    Object.keys(fields).map(code).join(' '),
  ]);
  return formatMarkdownTable(['an event about a', 'has'], rows);
}

function formatFields({ scope, fields }: LogEventDeclaration): string {
  const own = Object.keys(fields).map(code);
  return [...(scope === undefined ? [] : [`*${scope}*`]), ...own].join(' ');
}
