/**
 * Response codes (RFC 3501 §7.1, RFC 4315 §3, RFC 5530 §3, RFC 8474 §4): a closed list, so
 * that no answer carries a code that no client knows.
 */
import type { FlagName } from '../command.ts';
import { formatNumberSet } from '../number-set.ts';
import { formatFlagList } from './flags.ts';
import { formatAstring } from './strings.ts';

/** Codes that are a word and nothing else. */
export type PlainResponseCode =
  /** RFC 3501 §7.1 */
  | 'ALERT'
  | 'PARSE'
  | 'READ-ONLY'
  | 'READ-WRITE'
  | 'TRYCREATE'
  /** RFC 4315 §3 */
  | 'UIDNOTSTICKY'
  /** RFC 5182 §2.1 */
  | 'NOTSAVED'
  /** RFC 5530 §3 */
  | 'UNAVAILABLE'
  | 'AUTHENTICATIONFAILED'
  | 'AUTHORIZATIONFAILED'
  | 'EXPIRED'
  | 'PRIVACYREQUIRED'
  | 'CONTACTADMIN'
  | 'NOPERM'
  | 'INUSE'
  | 'EXPUNGEISSUED'
  | 'CORRUPTION'
  | 'SERVERBUG'
  | 'CLIENTBUG'
  | 'CANNOT'
  | 'LIMIT'
  | 'OVERQUOTA'
  | 'ALREADYEXISTS'
  | 'NONEXISTENT'
  /** RFC 7889 §4 */
  | 'TOOBIG'
  /** RFC 7162 §3.1.2.2, RFC 7162 §3.2.11 */
  | 'NOMODSEQ'
  | 'CLOSED'
  /** RFC 9051 §7.1 */
  | 'HASCHILDREN'
  | 'UNKNOWN-CTE';

export type ResponseCode =
  | { readonly code: PlainResponseCode }
  | { readonly code: 'BADCHARSET'; readonly charsets: readonly string[] }
  /** Atoms, separated by spaces. */
  | { readonly code: 'CAPABILITY'; readonly capabilities: string }
  | { readonly code: 'PERMANENTFLAGS'; readonly flags: readonly FlagName[] }
  | {
      readonly code: 'UIDNEXT' | 'UIDVALIDITY' | 'UNSEEN' | 'HIGHESTMODSEQ';
      readonly number: number;
    }
  | {
      readonly code: 'APPENDUID';
      readonly uidValidity: number;
      readonly uids: ArrayLike<number>;
    }
  | {
      readonly code: 'COPYUID';
      readonly uidValidity: number;
      readonly sourceUids: ArrayLike<number>;
      readonly newUids: ArrayLike<number>;
    }
  | { readonly code: 'MAILBOXID'; readonly mailboxId: string };

/** `[UIDVALIDITY 42]`; a blank and text must follow. */
export function formatResponseCode(code: ResponseCode): string {
  return `[${formatInside(code)}]`;
}

function formatInside(code: ResponseCode): string {
  switch (code.code) {
    case 'BADCHARSET':
      return `BADCHARSET (${code.charsets.map(formatAstring).join(' ')})`;
    case 'CAPABILITY':
      return `CAPABILITY ${sanitizeCodeText(code.capabilities)}`;
    case 'PERMANENTFLAGS':
      return `PERMANENTFLAGS ${formatFlagList(code.flags)}`;
    case 'UIDNEXT':
    case 'UIDVALIDITY':
    case 'UNSEEN':
    case 'HIGHESTMODSEQ':
      return `${code.code} ${code.number}`;
    case 'APPENDUID':
      return `APPENDUID ${code.uidValidity} ${formatNumberSet(code.uids)}`;
    case 'COPYUID': {
      const { uidValidity, sourceUids, newUids } = code;
      return `COPYUID ${uidValidity} ${formatNumberSet(sourceUids)} ${formatNumberSet(newUids)}`;
    }
    case 'MAILBOXID':
      return `MAILBOXID (${sanitizeCodeText(code.mailboxId)})`;
    default:
      return code.code;
  }
}

/** What came from elsewhere cannot end the code or the line. @returns printable ASCII without "]". */
export function sanitizeCodeText(text: string): string {
  return text.replaceAll(/[^ -~]|\]/g, '');
}
