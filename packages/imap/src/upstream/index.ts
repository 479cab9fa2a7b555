/** IMAP's client half, by which a front end logs in at a home. */
export { createImapUpstream } from './imap-upstream.ts';
export type { ImapUpstreamOptions } from './imap-upstream.ts';
