/**
 * What a client hears when a login is refused: one row for each reason (RFC 5530 §3). The words
 * for bad credentials never vary, whatever was wrong with them.
 */
import { type LoginRefusal, withReference } from '@homeward/sasl';
import type { PlainResponseCode } from '../grammar/responses/response-code.ts';

interface RefusalWords {
  readonly code: PlainResponseCode;
  readonly text: string;
  /** Whether the caller's detail may follow. */
  readonly mayDetail: boolean;
}

const words: Readonly<Record<LoginRefusal, RefusalWords>> = {
  'bad-credentials': {
    code: 'AUTHENTICATIONFAILED',
    text: 'Authentication failed',
    mayDetail: false,
  },
  'not-enabled': {
    code: 'CONTACTADMIN',
    text: 'This account may not use IMAP; ask its administrator',
    mayDetail: true,
  },
  'not-allowed-here': {
    code: 'CONTACTADMIN',
    text: 'Logins like this are not allowed here; ask your administrator',
    mayDetail: true,
  },
  unavailable: {
    code: 'UNAVAILABLE',
    text: 'The mailbox cannot be reached now, try again later',
    mayDetail: true,
  },
  limit: { code: 'LIMIT', text: 'A limit is reached', mayDetail: true },
  throttled: { code: 'LIMIT', text: 'Too many attempts, try again later', mayDetail: true },
  'privacy-required': {
    code: 'PRIVACYREQUIRED',
    text: 'This login needs TLS first',
    mayDetail: true,
  },
  'in-use': { code: 'INUSE', text: 'The mailbox is in use', mayDetail: true },
};

/** Code and text of the tagged NO. */
export function describeRefusal(
  reason: LoginRefusal,
  detail: string | undefined,
  reference: string | undefined,
): { readonly code: PlainResponseCode; readonly text: string } {
  const { code, text, mayDetail } = words[reason];
  const detailed = detail === undefined || !mayDetail ? text : `${text}: ${detail}`;
  return { code, text: withReference(detailed, reference) };
}
