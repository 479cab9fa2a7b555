/**
 * Replies (RFC 5321 §4.2) with enhanced status codes (RFC 2034 §4, RFC 3463), both ways. One line
 * has 512 octets at most, its CRLF included (RFC 5321 §4.5.3.1.5).
 */

/** RFC 3463 §2: class, subject, detail. The class agrees with the reply's first digit. */
export type EnhancedCode = `${2 | 4 | 5}.${number}.${number}`;

/** A reply to be sent. */
export interface Reply {
  /** Three digits. */
  readonly code: number;
  /** None before EHLO, in answers to EHLO, and in 3yz replies (RFC 2034 §4). */
  readonly enhanced: EnhancedCode | undefined;
  /** At least one; printable ASCII. */
  readonly lines: readonly string[];
}

/** One line of a reply that was received. */
export interface ReplyLine {
  readonly code: number;
  readonly enhanced: string | undefined;
  readonly isLast: boolean;
  readonly text: string;
}

/** Without the CRLF. */
const LINE_LIMIT_BYTES = 510;
const REPLY_LINE = /^(?<code>[2-5]\d\d)(?:(?<mark>[ -])(?<rest>.*))?$/su;
const ENHANCED = /^(?<enhanced>[245]\.\d{1,3}\.\d{1,3})(?: (?<text>.*))?$/su;

/** A reply of one line. */
export function formatReply(
  code: number,
  enhanced: EnhancedCode | undefined,
  text: string,
): string {
  return formatReplyLines({ code, enhanced, lines: [text] });
}

/** All lines, each with code and enhanced code (RFC 2034 §4). */
export function formatReplyLines({ code, enhanced, lines }: Reply): string {
  const prefix = enhanced === undefined ? '' : `${enhanced} `;
  return lines
    .map((text, index) => {
      const mark = index < lines.length - 1 ? '-' : ' ';
      const line = `${code}${mark}${prefix}${text.replaceAll(/[^ -~]/gu, '?')}`;
      return `${line.slice(0, LINE_LIMIT_BYTES)}\r\n`;
    })
    .join('');
}

/** `334 base64`. Challenges have no limit (RFC 4954 §4). */
export function formatChallenge(octets: Uint8Array): string {
  return `334 ${Buffer.from(octets).toString('base64')}\r\n`;
}

/**
 * Reads one line of a reply, its CRLF removed.
 *
 * @returns undefined if it is none.
 */
export function parseReplyLine(line: string): ReplyLine | undefined {
  const groups = REPLY_LINE.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const rest = groups['rest'] ?? '';
  const coded = ENHANCED.exec(rest)?.groups;
  return {
    code: Number(groups['code']),
    isLast: groups['mark'] !== '-',
    enhanced: coded?.['enhanced'],
    text: coded === undefined ? rest : (coded['text'] ?? ''),
  };
}
