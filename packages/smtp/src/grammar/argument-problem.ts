/** Why the arguments of a command are not taken; each has a reply of its own. */
export type ArgumentProblem =
  /** 501 5.5.4 */
  | 'bad-arguments'
  /** 555 5.5.4: a parameter that this server does not know (RFC 5321 §4.1.1.11). */
  | 'unknown-parameter'
  /** 501 5.1.7 */
  | 'bad-sender'
  /** 501 5.1.3 */
  | 'bad-recipient';
