/** POP3 as a client: how a front end logs in at a home. */
export { createForeignPop3 } from './foreign-pop3.ts';
export type { ForeignPop3Options } from './foreign-pop3.ts';
export { createPop3Upstream } from './pop3-upstream.ts';
export type { Pop3UpstreamOptions } from './pop3-upstream.ts';
export { isPop3Answered } from './is-pop3-answered.ts';
