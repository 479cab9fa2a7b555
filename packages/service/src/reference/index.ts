/** Pages of the reference, from the lists that the programs themselves use. */
export { type ConfigurationPage, formatConfigurationReference } from './format-configuration.ts';
export { formatLogEventsReference } from './format-log-events.ts';
export { formatMetricsReference } from './format-metrics.ts';
export { formatMarkdownTable, formatPage, type ReferencePage } from './markdown-page.ts';
