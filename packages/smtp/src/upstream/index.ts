/** The client half of submission, by which a front end logs in at a home. */
export { createSmtpUpstream } from './smtp-upstream.ts';
