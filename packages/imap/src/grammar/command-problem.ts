/** What can be wrong with what a client sent as a command. */
export type CommandProblem =
  | 'unknown-command'
  | 'bad-syntax'
  | 'line-too-long'
  | 'literal-too-big'
  | 'message-too-big'
  | 'bad-literal'
  | 'nul-octet'
  /** NUL where it is allowed to be said, but cannot be kept (RFC 3516 §4.4). */
  | 'binary-content'
  | 'bad-line-end';
