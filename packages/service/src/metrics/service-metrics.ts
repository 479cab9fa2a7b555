/**
 * The metrics of the service layer, which all programs have. A program adds its own:
 * `createMetrics({ catalogue: { ...SERVICE_METRICS, ...FRONT_END_METRICS }, worker: '0' })`,
 * where its list is a literal `as const`.
 */
import { LOG_LEVELS, type LogLevel } from '../logging/index.ts';
import { KILL_REASONS, type KillReason } from '../process-supervisor.ts';
import { LOGGED_PROTOCOLS, type LoggedProtocol } from '../protocol-log/protocol-log-settings.ts';
import type { CounterDeclaration, GaugeDeclaration } from './metric-catalogue.ts';

/** As many workers as a service can be configured to have. */
const WORKERS: readonly string[] = Array.from({ length: 256 }, (_, index) => String(index));

export type ServiceMetrics = {
  readonly homeward_service_worker_up: GaugeDeclaration & {
    readonly labels: { readonly worker: readonly string[] };
  };
  readonly homeward_service_worker_restarts_total: CounterDeclaration & {
    readonly labels: { readonly worker: readonly string[] };
  };
  readonly homeward_service_worker_kills_total: CounterDeclaration & {
    readonly labels: {
      readonly worker: readonly string[];
      readonly reason: readonly KillReason[];
    };
  };
  readonly homeward_log_lines_total: CounterDeclaration & {
    readonly labels: { readonly level: readonly LogLevel[] };
  };
  readonly homeward_protocol_log_lines_total: CounterDeclaration & {
    readonly labels: {
      readonly protocol: readonly LoggedProtocol[];
      readonly outcome: readonly ('written' | 'lost')[];
    };
  };
  readonly homeward_tls_reloads_total: CounterDeclaration & {
    readonly labels: { readonly outcome: readonly ('loaded' | 'rejected')[] };
  };
  readonly homeward_tls_certificate_expiry_timestamp_seconds: GaugeDeclaration;
};

export const SERVICE_METRICS: ServiceMetrics = {
  homeward_service_worker_up: {
    kind: 'gauge',
    help: '1 while the worker process is ready, 0 while it is not; told by its supervisor.',
    labels: { worker: WORKERS },
  },
  homeward_service_worker_restarts_total: {
    kind: 'counter',
    help: 'How often the worker process was started again; told by its supervisor.',
    labels: { worker: WORKERS },
  },
  homeward_service_worker_kills_total: {
    kind: 'counter',
    help: 'How often the worker process was killed by its supervisor: it did not start or stop in time, or answered nothing for so long that it is `frozen`.',
    labels: { worker: WORKERS, reason: KILL_REASONS },
  },
  homeward_log_lines_total: {
    kind: 'counter',
    help: 'Log lines written. Any fatal, and a steady rate of error, is worth an alarm.',
    labels: { level: LOG_LEVELS },
  },
  homeward_protocol_log_lines_total: {
    kind: 'counter',
    help: 'Lines of protocol logs; lost ones had no room in memory, or the disk took them not.',
    labels: { protocol: LOGGED_PROTOCOLS, outcome: ['written', 'lost'] },
  },
  homeward_tls_reloads_total: {
    kind: 'counter',
    help: 'Attempts to take new certificate files into use. A rejected one leaves the old in use.',
    labels: { outcome: ['loaded', 'rejected'] },
  },
  homeward_tls_certificate_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the first of the certificates in use expires, in seconds since 1970.',
  },
};
