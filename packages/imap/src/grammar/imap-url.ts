/**
 * Relative IMAP URLs of messages and their parts (RFC 5092 §11 imessagepart), as CATENATE has
 * them: `/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.MIME/;PARTIAL=0.100`. Absolute ones
 * name other servers or other users, which RFC 4469 §3 leaves out.
 */
import { ArgumentDecoder } from './argument-decoder.ts';
import type { BodySection } from './command.ts';
import { parseUtf8MailboxName } from './mailbox-name.ts';
import { parseSection } from './section.ts';
import { CommandSyntaxError } from './syntax-error.ts';
import type { Uid } from '../ids.ts';

/** What such a URL names. */
export interface ImapMessageUrl {
  readonly path: string;
  readonly uidValidity: number | undefined;
  readonly uid: Uid;
  readonly section: BodySection;
  readonly partial: { readonly start: number; readonly count: number } | undefined;
}

const FORM =
  /^(?:\/([^;]*)(?:;UIDVALIDITY=(\d{1,10}))?)?(?:\/|^);UID=(\d{1,10})(?:\/;SECTION=([^;]+?))?(?:\/;PARTIAL=(\d{1,10})(?:\.(\d{1,10}))?)?$/i;
const LARGEST = 0xffff_ffff;
const wholeMessage: BodySection = { part: [], text: { kind: 'all' } };

/**
 * @param url As sent, one character for each octet.
 * @param selectedPath What a URL without a mailbox is relative to.
 * @returns undefined if it is none of these, or names what cannot be.
 */
export function parseImapMessageUrl(
  url: string,
  selectedPath: string | undefined,
): ImapMessageUrl | undefined {
  const [, mailbox, uidValidity, uid, section, start, count] = FORM.exec(url) ?? [];
  if (uid === undefined) return undefined;
  const path = mailbox === undefined || mailbox === '' ? selectedPath : decodeMailbox(mailbox);
  const found = section === undefined ? wholeMessage : decodeSection(section);
  const numbers = [uidValidity ?? '1', uid, start ?? '1', count ?? '1'].map(Number);
  const hasNumbers = numbers.every((number) => number <= LARGEST) && Number(uid) > 0;
  if (path === undefined || found === undefined || !hasNumbers || count === '0') return undefined;
  return {
    path,
    uidValidity: uidValidity === undefined ? undefined : Number(uidValidity),
    uid: Number(uid) as Uid,
    section: found,
    partial:
      start === undefined
        ? undefined
        : { start: Number(start), count: count === undefined ? LARGEST : Number(count) },
  };
}

/** enc-mailbox: UTF-8, with escapes. */
function decodeMailbox(text: string): string | undefined {
  const octets = unescapeOctets(text);
  return octets === undefined ? undefined : parseUtf8MailboxName(octets);
}

function decodeSection(text: string): BodySection | undefined {
  const octets = unescapeOctets(text);
  if (octets === undefined) return undefined;
  try {
    const decoder = new ArgumentDecoder(`[${octets}]`, false);
    const section = parseSection(decoder);
    decoder.end();
    return section;
  } catch (error) {
    if (error instanceof CommandSyntaxError) return undefined;
    throw error;
  }
}

/** "%41" → "A" (RFC 3986 §2.1), octet by octet. */
function unescapeOctets(text: string): string | undefined {
  if (/%(?![0-9A-F]{2})/i.test(text)) return undefined;
  return text.replaceAll(/%([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
