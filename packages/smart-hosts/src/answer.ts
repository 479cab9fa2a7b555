/**
 * What a smart host said about a recipient or a message, taken from the reply's text (RFC 5321
 * §4.2, RFC 3463). A reply without an enhanced code, or with one of another class, gets the
 * general one of its class.
 */
import { type EnhancedCode, parseReplyLine } from '@homeward/smtp/grammar';

export interface Answer {
  readonly code: number;
  readonly enhanced: EnhancedCode;
  /** Printable ASCII, `TEXT_LIMIT` characters at most. */
  readonly text: string;
}

const TEXT_LIMIT = 500;

/** @returns undefined if this is no reply. */
export function readAnswer(reply: string): Answer | undefined {
  const lines = reply.split(/\r?\n/u).map((line) => parseReplyLine(line));
  const last = lines.at(-1);
  if (last === undefined) return undefined;
  const { code } = last;
  const classOf = Math.floor(code / 100);
  // Of a 3yz, which is no last word, the class is the one of success.
  const general: EnhancedCode = classOf === 4 ? '4.0.0' : classOf === 5 ? '5.0.0' : '2.0.0';
  const found = lines.find((line) => line?.enhanced?.startsWith(general.slice(0, 2)))?.enhanced;
  const text = cleanText(lines.map((line) => line?.text ?? '').join(' '));
  return { code, enhanced: (found as EnhancedCode | undefined) ?? general, text };
}

/** What goes into logs and notifications. */
export function cleanText(text: string): string {
  return text
    .replaceAll(/[^ -~]/gu, '?')
    .replaceAll(/ +/gu, ' ')
    .trim()
    .slice(0, TEXT_LIMIT);
}
