/** Metrics: a closed catalogue, and a registry typed by it. */
export { mergeMetricTexts, METRICS_CONTENT_TYPE } from './merge-metric-texts.ts';
export {
  findCatalogueFaults,
  type CounterDeclaration,
  type GaugeDeclaration,
  type HistogramDeclaration,
  type LabelLists,
  type MetricCatalogue,
  type MetricDeclaration,
  type MetricKind,
  type MetricLabels,
  type MetricNames,
} from './metric-catalogue.ts';
export {
  type Counter,
  createMetrics,
  type Gauge,
  type Histogram,
  type Metrics,
  type MetricsOptions,
} from './metric-registry.ts';
export { SERVICE_METRICS, type ServiceMetrics } from './service-metrics.ts';
export { type WatchedWorkers, watchWorkers } from './watch-workers.ts';
