/** IMAP before login, as front ends and back ends present it. */
export { createImapLoginDialogue } from './imap-login-dialogue.ts';
export type { ImapLoginOptions } from './options.ts';
export { SESSION_CAPABILITIES } from '../session-capabilities.ts';
