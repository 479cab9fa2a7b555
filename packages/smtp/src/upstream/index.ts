/** The client half of submission, by which a front end logs in at a home. */
export { createForeignSmtp, type ForeignSmtpOptions } from './foreign-smtp.ts';
export { createSmtpUpstream } from './smtp-upstream.ts';
