/** IMAP's client half, by which a front end logs in at a home. */
export { createForeignImap } from './foreign-imap.ts';
export type { ForeignImapOptions } from './foreign-imap.ts';
export { createImapUpstream } from './imap-upstream.ts';
export type { ImapUpstreamOptions } from './imap-upstream.ts';
export { isImapAnswered } from './is-imap-answered.ts';
