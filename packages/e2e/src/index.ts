/** Whole-system tests: what they, and the measurements beside them, start and talk to. */
export { openImapFlow } from './clients/imap-flow-client.ts';
export { createPop3Client } from './clients/pop3-client.ts';
export { Demo, SITES, startDemo } from './demo/demo.ts';
export type { DemoOptions } from './demo/demo.ts';
export type { BackEndPorts, DemoFacts, DemoLogin, DemoUser, Door } from './demo/env-file.ts';
export { runHomeward, startHomeward } from './demo/homeward-command.ts';
export { waitUntil } from './poll.ts';
