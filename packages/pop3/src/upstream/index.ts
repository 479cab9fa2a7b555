/** POP3 as a client: how a front end logs in at a home. */
export { createPop3Upstream } from './pop3-upstream.ts';
export type { Pop3UpstreamOptions } from './pop3-upstream.ts';
