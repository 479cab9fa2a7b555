/**
 * Message identifiers as THREAD compares them (RFC 5256 §3 REFERENCES, RFC 5322 §3.6.4): quoting
 * normalised, letters' case kept, and then only a key of 52 bits, since nothing but equality is
 * ever asked. Keys are made by SHA-256, so nobody finds another identifier for a given key.
 */
import { hash } from 'node:crypto';

declare const brand: unique symbol;

/** Stands for a normalised message identifier; 1 to 2^52. */
export type MessageIdKey = number & { readonly [brand]: 'MessageIdKey' };

/** @param id A normalised identifier, as `parseMessageIds` gives it. */
export function messageIdKeyOf(id: string): MessageIdKey {
  const digits = hash('sha256', Buffer.from(id, 'latin1'), 'hex').slice(0, 13);
  return (Number.parseInt(digits, 16) + 1) as MessageIdKey;
}

/**
 * Reads the msg-ids of a Message-ID, In-Reply-To or References value, in order; what is none is
 * skipped. White space in them goes, and quotes: `<"a"@b>` gives `a@b`.
 *
 * @param value Latin-1 view of the octets, unfolded.
 * @param mostCount How many are wanted.
 */
export function parseMessageIds(value: string, mostCount: number = Infinity): readonly string[] {
  const ids: string[] = [];
  let start = value.indexOf('<');
  while (start !== -1 && ids.length < mostCount) {
    const end = value.indexOf('>', start);
    if (end === -1) break;
    // An unfinished one must not swallow the whole one behind it.
    const id = normalize(value.slice(value.lastIndexOf('<', end) + 1, end));
    if (isComplete(id)) ids.push(id);
    start = value.indexOf('<', end);
  }
  return ids;
}

function normalize(inside: string): string {
  if (!/[\s"\\]/.test(inside)) return inside;
  return inside.replaceAll(
    /"((?:[^"\\]|\\.)*)"|\s+/g,
    (_, text: string | undefined) => text?.replaceAll(/\\(.)/g, '$1') ?? '',
  );
}

/** RFC 5322 §3.6.4 asks for both halves; the last "@" divides them. */
function isComplete(id: string): boolean {
  const at = id.lastIndexOf('@');
  return at > 0 && at < id.length - 1;
}
