/** The back end: runs a site's workers. */
export { type BackEndConfig, backEndConfigSchema, type WorkerConfig } from './config.ts';
export { BACKEND_LOG_EVENTS } from './log-events.ts';
export { runBackEnd, type RunBackEndOptions } from './main.ts';
