/**
 * One line of a protocol log, in Exchange's columns, and how they are written as CSV (RFC 4180).
 * Whoever makes an entry has masked its secrets and left out all text of messages.
 */
import { stringify } from 'csv-stringify/sync';
import type { LoggedProtocol } from './protocol-log-settings.ts';

/** What stands for a secret, whatever its length. */
export const MASK = '*****';

/** One line. Texts are cut to a bounded length; what is undefined is left empty. */
export interface ProtocolLogEntry {
  /** When it was written down: when the command ended. */
  readonly atMs: number;
  /** The conversation's id: the same in the front end's log and in the back end's. */
  readonly sessionId: string;
  /** Counts a session's lines from 0, in each half by itself. */
  readonly seqNumber: number;
  /** `ip:port` of ours that was connected to. */
  readonly serverEndpoint: string;
  /** `ip:port` of the client itself, in the back end's log too. */
  readonly clientEndpoint: string;
  readonly user?: string | undefined;
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly command: string;
  readonly parameters?: string | undefined;
  readonly context: ProtocolLogContext;
}

/** What came of a command; becomes `R=…;Msg="…";ErrMsg=…`. */
export interface ProtocolLogContext {
  /** `OK`, `NO`, `BAD`, `ERR`. */
  readonly result?: string | undefined;
  readonly message?: string | undefined;
  /** A reason of our closed lists. */
  readonly error?: string | undefined;
}

const COLUMNS = [
  'dateTime',
  'sessionId',
  'seqNumber',
  'sIp',
  'cIp',
  'user',
  'duration',
  'rqsize',
  'rpsize',
  'command',
  'parameters',
  'context',
  // Exchange Online's; always empty here as it is on Exchange's own servers.
  'puid',
] as const;

const PARAMETERS_LIMIT = 1_024;
const TEXT_LIMIT = 256;
const LOG_TYPES: Readonly<Record<LoggedProtocol, string>> = {
  imap: 'IMAP4 Log',
  pop3: 'POP3 Log',
  submission: 'SMTP Log',
};

/** The lines that every file begins with. */
export function formatFileHead(protocol: LoggedProtocol, nowMs: number): string {
  return [
    COLUMNS.join(','),
    '#Software: Homeward',
    '#Version: 1.0',
    `#Log-type: ${LOG_TYPES[protocol]}`,
    `#Date: ${new Date(nowMs).toISOString()}`,
    `#Fields: ${COLUMNS.join(',')}`,
    '',
  ].join('\r\n');
}

/** Lines with their ends. What a spreadsheet would take for a formula is made text. */
export function formatEntries(entries: readonly ProtocolLogEntry[]): string {
  return stringify(entries.map(toRow), { record_delimiter: 'windows', escape_formulas: true });
}

function toRow(entry: ProtocolLogEntry): readonly (string | number)[] {
  return [
    new Date(entry.atMs).toISOString(),
    entry.sessionId,
    entry.seqNumber,
    entry.serverEndpoint,
    entry.clientEndpoint,
    clean(entry.user ?? '', TEXT_LIMIT),
    Math.max(0, Math.round(entry.durationMs)),
    entry.requestBytes,
    entry.responseBytes,
    clean(entry.command, TEXT_LIMIT),
    clean(entry.parameters ?? '', PARAMETERS_LIMIT),
    formatContext(entry.context),
    '',
  ];
}

function formatContext({ result, message, error }: ProtocolLogContext): string {
  const parts: string[] = [];
  if (result !== undefined) parts.push(`R=${result}`);
  // Quotation marks would end the message for who reads the context apart.
  if (message !== undefined) {
    parts.push(`Msg="${clean(message, TEXT_LIMIT).replaceAll('"', "'")}"`);
  }
  if (error !== undefined) parts.push(`ErrMsg=${clean(error, TEXT_LIMIT)}`);
  return parts.join(';');
}

/** One line, nothing that a terminal would obey, of bounded length. */
function clean(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}
