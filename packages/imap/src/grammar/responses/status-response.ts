/**
 * Status responses (RFC 3501 §7.1): OK, NO, BAD, BYE, PREAUTH, tagged or not, and the
 * continuation request (RFC 3501 §7.5).
 */
import { formatResponseCode } from './response-code.ts';
import type { ResponseCode } from './response-code.ts';

export type StatusCondition = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';

/**
 * `tag OK [CODE] text` and CRLF.
 *
 * @param tag As the reader gave it, or "*".
 * @param text For people; whatever is no printable ASCII becomes a blank, so nothing can end
 *   the line early. Empty text is not allowed on the wire and becomes "Done".
 */
export function formatStatus(
  tag: string,
  condition: StatusCondition,
  code: ResponseCode | undefined,
  text: string,
): string {
  const codeText = code === undefined ? '' : `${formatResponseCode(code)} `;
  return `${tag} ${condition} ${codeText}${formatText(text, code !== undefined)}\r\n`;
}

/** `+ text` and CRLF. */
export function formatContinuation(text: string): string {
  return `+ ${printable(text)}\r\n`;
}

/** A "[" at the start would be taken for a response code where there is none. */
function formatText(text: string, hasCode: boolean): string {
  const clean = printable(text).trim();
  if (clean === '') return 'Done';
  return clean.startsWith('[') && !hasCode ? `(${clean.slice(1)}` : clean;
}

function printable(text: string): string {
  return text.replaceAll(/[^ -~]+/g, ' ');
}
