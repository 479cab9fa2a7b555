/**
 * The words that rules are written in. They need nothing else, so that whoever only lists them,
 * as the command line does, need not load a front end.
 */
export const RULE_PROTOCOLS = ['imap', 'pop3', 'submission'] as const;
/** As the log calls the ways to log in. */
export const RULE_MECHANISMS = [
  'LOGIN',
  'USER',
  'PLAIN',
  'AUTH-LOGIN',
  'SCRAM-SHA-256',
  'SCRAM-SHA-256-PLUS',
  'OAUTHBEARER',
  'XOAUTH2',
] as const;

export type RuleProtocol = (typeof RULE_PROTOCOLS)[number];
export type RuleMechanism = (typeof RULE_MECHANISMS)[number];
