/** The back end: runs a site's workers. */
export { type BackEndConfig, backEndConfigSchema, type WorkerConfig } from './config.ts';
export { BACKEND_LOG_EVENTS } from './log-events.ts';
export { BACK_END_METRICS, type BackEndMetrics } from './metrics/back-end-metrics.ts';
export { BACK_END_SETTING_FORMS, type BackEndSettings } from './settings.ts';
export { runBackEnd, type RunBackEndOptions } from './main.ts';
