/**
 * The front end: the stateless process that clients meet. It authenticates them, finds the home
 * of their mailbox and joins them with it.
 */
export { FRONT_END_CONFIG, SETTING_FORMS } from './config.ts';
export type { FrontEndConfig, ProtocolConfig, SettingValues } from './config.ts';
export type { FrontEndWorker, ListenAddress } from './front-end-worker.ts';
export { FRONT_END_LOG_EVENTS } from './log-events.ts';
export { MAIL_PROTOCOLS, type MailProtocol } from './login/ports.ts';
export { doorsOf } from './login/route.ts';
export { FRONT_END_METRICS, type FrontEndMetrics } from './metrics/front-end-metrics.ts';
export { runFrontend } from './main.ts';
export type { RunOptions } from './main.ts';
export { findRefusalWords } from './reference/refusal-words.ts';
export { StartError } from './start-error.ts';
export { openFrontEndWorker } from './wiring.ts';
export { greetForeignHosts, type HostAnswer } from './wiring/foreign-greeting-wiring.ts';
export type { ProcessParts } from './wiring/process-parts.ts';
