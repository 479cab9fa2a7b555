/** POP3 before login, as front ends and back ends present it. */
export type { Pop3LoginOptions } from './options.ts';
export { createPop3LoginDialogue } from './pop3-login-dialogue.ts';
