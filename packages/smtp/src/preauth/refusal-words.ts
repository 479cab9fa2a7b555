/**
 * What a client hears when a login is refused: one row for each reason (RFC 4954 §6, RFC 3463
 * §3.8). The words for bad credentials never vary, whatever was wrong with them.
 */
import { type LoginRefusal, withReference } from '@homeward/sasl';
import { type EnhancedCode, formatReply } from '../grammar/reply.ts';

interface RefusalRow {
  readonly code: number;
  readonly enhanced: EnhancedCode;
  readonly text: string;
  /** Whether the caller's detail may follow. */
  readonly mayDetail: boolean;
}

const rows: Readonly<Record<LoginRefusal, RefusalRow>> = {
  'bad-credentials': {
    code: 535,
    enhanced: '5.7.8',
    text: 'Authentication failed',
    mayDetail: false,
  },
  // Not 535: mail programs take that as a reason to ask for the password again.
  'not-enabled': {
    code: 550,
    enhanced: '5.7.1',
    text: 'This account may not send mail here',
    mayDetail: true,
  },
  'not-allowed-here': {
    code: 550,
    enhanced: '5.7.1',
    text: 'Nobody may log in like this',
    mayDetail: true,
  },
  unavailable: {
    code: 454,
    enhanced: '4.7.0',
    text: 'The server cannot let you in now, try again later',
    mayDetail: true,
  },
  limit: { code: 454, enhanced: '4.7.0', text: 'Too many connections', mayDetail: true },
  throttled: {
    code: 454,
    enhanced: '4.7.0',
    text: 'Too many attempts, try again later',
    mayDetail: true,
  },
  'privacy-required': {
    code: 538,
    enhanced: '5.7.11',
    text: 'This login needs TLS first',
    mayDetail: true,
  },
  'in-use': { code: 454, enhanced: '4.7.0', text: 'The mailbox is in use', mayDetail: true },
};

/** @param detail Made ASCII. */
export function formatRefusal(reason: LoginRefusal, detail?: string, reference?: string): string {
  const { code, enhanced, text, mayDetail } = rows[reason];
  const detailed = detail === undefined || !mayDetail ? text : `${text}: ${detail}`;
  return formatReply(code, enhanced, withReference(detailed, reference));
}
