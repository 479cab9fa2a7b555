/** The client halves: of submission, by which a front end logs in at a home, and of LMTP. */
export { createForeignSmtp, type ForeignSmtpOptions } from './foreign-smtp.ts';
export { createSmtpUpstream } from './smtp-upstream.ts';
export { LmtpClient, type LmtpOffer } from './lmtp-client.ts';
export type { ServerReply } from './reply-reader.ts';
export { isSmtpAnswered } from './is-smtp-answered.ts';
