/**
 * One line of a server, as far as a login needs to understand it (RFC 3501 §7): greeting,
 * status responses with their code, CAPABILITY, and continuation requests.
 */

export type ResponseLine =
  | { readonly kind: 'continuation' }
  | {
      readonly kind: 'status';
      /** "*" for untagged ones. */
      readonly tag: string;
      readonly condition: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';
      /** The code's word in capitals, if there is a code. */
      readonly code: string | undefined;
      /** What follows the word inside the brackets. */
      readonly codeText: string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'capability'; readonly capabilities: string }
  /** Any other untagged response. */
  | { readonly kind: 'other' }
  /** No line of IMAP. */
  | { readonly kind: 'garbage' };

// Fixed words and single negated classes: nothing for a matcher to retry.
const STATUS = /^([^\s(){%*"\\\]+]+|\*) (OK|NO|BAD|BYE|PREAUTH)(?: (.*))?$/i;
const CODE = /^\[([A-Za-z0-9-]+)(?: ([^\]]*))?\] ?(.*)$/;
const CAPABILITY = /^\* CAPABILITY ([!-~ ]+)$/i;

/** @param line Without its CRLF, as Latin-1. */
export function parseResponseLine(line: string): ResponseLine {
  if (line === '+' || line.startsWith('+ ')) return { kind: 'continuation' };
  const status = STATUS.exec(line);
  if (status !== null) return statusOf(status[1] ?? '*', status[2] ?? '', status[3] ?? '');
  const capabilities = CAPABILITY.exec(line)?.[1]?.trim();
  if (capabilities !== undefined) return { kind: 'capability', capabilities };
  return line.startsWith('* ') ? { kind: 'other' } : { kind: 'garbage' };
}

function statusOf(tag: string, word: string, rest: string): ResponseLine {
  const code = CODE.exec(rest);
  return {
    kind: 'status',
    tag,
    // The pattern takes no other word.
    condition: word.toUpperCase() as 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH',
    code: code?.[1]?.toUpperCase(),
    codeText: code?.[2]?.trim(),
    text: code === null ? rest : (code[3] ?? ''),
  };
}
