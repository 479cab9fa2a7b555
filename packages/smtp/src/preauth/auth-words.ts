/** What the dialogue before login says. */
import type { AuthFailure, AuthWords } from '@homeward/sasl';
import { formatChallenge, formatReply } from '../grammar/reply.ts';
import { formatRefusal } from './refusal-words.ts';

/** RFC 4954 §4. */
const FAILURES: Readonly<Record<AuthFailure, string>> = {
  cancelled: formatReply(501, '5.7.0', 'Cancelled'),
  'initial-response-not-base64': formatReply(501, '5.5.2', 'The initial response is not base64'),
  'response-not-base64': formatReply(501, '5.5.2', 'The response is not base64'),
  'response-not-fit': formatReply(501, '5.5.2', 'The response does not fit the mechanism'),
};

export const AUTH_WORDS: AuthWords = {
  loggedIn: formatReply(235, '2.7.0', 'Logged in'),
  tlsBegins: formatReply(220, '2.0.0', 'Begin TLS now'),
  tlsIsActive: formatReply(503, '5.5.1', 'TLS is active already'),
  tlsIsUnavailable: formatReply(454, '4.7.0', 'TLS is not available'),
  unknownMechanism: formatReply(504, '5.5.4', 'Unknown mechanism'),
  notBelieved: FAILURES.cancelled,
  lineTooLong: formatReply(500, '5.5.6', 'The line is too long'),
  waitForAnswer: formatReply(421, '4.5.0', 'Wait for the answer to AUTH'),
  tooManyCommands: formatReply(421, '4.5.0', 'Too many commands before a login'),
  tooManyErrors: formatReply(421, '4.7.0', 'Too many errors'),
  webClient: formatReply(500, '5.5.1', 'This is a mail server, not a web site'),
  tlsToPlainPort: formatReply(
    500,
    '5.5.1',
    'This port starts without TLS: say STARTTLS, or use the port for TLS',
  ),
  challenge: formatChallenge,
  failure: (reason) => FAILURES[reason],
  refusal: formatRefusal,
};
