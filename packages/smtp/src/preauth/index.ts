/** Submission before login, as front ends and back ends present it. */
export type { SmtpLoginOptions } from './options.ts';
export { createSmtpLoginDialogue } from './smtp-login-dialogue.ts';
