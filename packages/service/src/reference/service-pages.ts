/** The pages about what all services share, for `docs/reference`. */
import { z } from 'zod';
import {
  clientListenerSchema,
  connectionLimitsSchema,
  directorySchema,
  help,
  idleLimitsSchema,
  loggingSchema,
  opsSchema,
  serverTlsSchema,
} from '../config/index.ts';
import { LOG_EVENTS } from '../logging/index.ts';
import { SERVICE_METRICS } from '../metrics/index.ts';
import { formatConfigurationReference } from './format-configuration.ts';
import { formatLogEventsReference, formatScopes } from './format-log-events.ts';
import { formatMetricsReference } from './format-metrics.ts';
import { formatMarkdownTable } from './markdown-page.ts';

const MADE_BY = 'node packages/service/src/reference/write-reference.ts';

/** Of what prom-client tells about a process, what is worth a panel. */
export const PROCESS_METRICS: readonly (readonly [string, string])[] = [
  ['process_cpu_seconds_total', 'processor time, of all threads'],
  ['process_resident_memory_bytes', 'memory, as the system counts it'],
  ['process_open_fds', 'open file descriptors, of `process_max_fds`'],
  ['process_start_time_seconds', 'when the process began, in seconds since 1970'],
  ['nodejs_eventloop_lag_p99_seconds', 'how late the event loop was: above 0.1 clients feel it'],
  ['nodejs_heap_size_used_bytes', 'JavaScript’s heap in use'],
  ['nodejs_gc_duration_seconds', 'pauses for garbage collection'],
];

/** File name to text. */
export function formatServicePages(): ReadonlyMap<string, string> {
  return new Map([
    ['metrics.md', formatMetrics()],
    ['log-events.md', formatLogEvents()],
    ['configuration-shared.md', formatConfiguration()],
  ]);
}

function formatMetrics(): string {
  return formatMetricsReference(SERVICE_METRICS, {
    title: 'Metrics',
    madeBy: MADE_BY,
    introduction: `
\`/metrics\` on the ops port, in Prometheus's text format. Every series has the label \`worker\`: the
process that it comes from, \`0\`, \`1\`, … or \`supervisor\`. One page shows all processes of a service.
They are not added up, since a worker that is started again begins at zero; write
\`sum without (worker) (rate(…))\`. Each label has the values that are listed here and no others, so
no client can make series. These are the metrics that every service has.`,
    closing: `
## The process

Each process also has what prom-client tells of it, such as

${formatMarkdownTable(
  ['metric', 'is'],
  PROCESS_METRICS.map(([name, meaning]) => [`\`${name}\``, meaning]),
)}`,
  });
}

function formatLogEvents(): string {
  return formatLogEventsReference(LOG_EVENTS, {
    title: 'Log events',
    madeBy: MADE_BY,
    introduction: `
One JSON object for each line on standard output, with \`time\`, \`level\`, \`service\`, \`worker\` (if
there are several), \`event\`, and the fields of the event. Only declared fields are written, each of
bounded length: no secret and no message text can get there. These are the events that all services
share.

${formatScopes()}

\`clientAddress\` is the client's own, also behind a load balancer that announced it by PROXY
protocol; \`via\` is that load balancer.`,
  });
}

const OPS_PATHS: readonly (readonly string[])[] = [
  ['`/metrics`', '[metrics](metrics.md), for Prometheus'],
  ['`/healthz`', '200 while the process lives'],
  ['`/readyz`', 'whether the service can be of any use'],
  [
    '`/health/imap`, `/health/pop3`, `/health/submission`, `/health/lmtp`',
    'whether this protocol works as well: for a load balancer that sends its clients',
  ],
];

const SHARED = z.strictObject({
  listeners: z.array(clientListenerSchema).meta(help('Where a protocol listens for clients.')),
  tls: serverTlsSchema,
  directory: directorySchema,
  connectionLimits: connectionLimitsSchema,
  idleLimits: idleLimitsSchema,
  logging: loggingSchema,
  ops: opsSchema,
});

function formatConfiguration(): string {
  return formatConfigurationReference(SHARED, {
    title: 'Configuration that services share',
    madeBy: MADE_BY,
    hasEnvironment: false,
    introduction: `
Each service reads one YAML file. These sections mean the same wherever they are; where each service
has them, \`homeward config describe\` says.

- Unknown keys are refused, all problems are told at once, with line and remedy:
  \`homeward config check\`.
- Every key can be overridden by the environment: \`HOMEWARD_\` and the key in capitals,
  \`ops.port\` by \`HOMEWARD_OPS_PORT\`. Lists and whole sections are written as YAML.
- Paths are taken from the folder of the file. Secrets are files, never values: \`passwordFile\`.
- New certificates, keys and ticket keys are taken into use when their files change. If they are not
  usable, the old ones stay in use and the log says so.`,
    closing: `
## The ops port

${formatMarkdownTable(['path', 'says'], OPS_PATHS)}

The last two answer 200 or 503, with a reason for each check that failed: \`ready\`, \`degraded\` (some
worker is not well, another is: 200) or \`not-ready\`. One port shows all workers of a service.

## Behind a load balancer

\`\`\`yaml
imap:
  listeners:
    - port: 993
      proxyProtocol:
        mode: required
        trustedNetworks: [10.0.0.0/8]
\`\`\`

The load balancer must send PROXY protocol headers, version 1 or 2 (HAProxy: \`send-proxy-v2\`, and
\`check-send-proxy\` for its health checks). The client's address is then the one in the header:
in limits, logs and tickets. Connections that have no header (\`proxy-header-missing\`), a malformed one
(\`bad-proxy-header\`) or one from outside the trusted networks (\`proxy-header-from-stranger\`) are
refused, with that reason in the event \`connection.refused\`.

## Session tickets

A client that comes back resumes its TLS session, which saves both sides most of the handshake. Each
worker accepts only its own tickets unless all have the same keys:

\`\`\`sh
openssl rand -out ticket-keys 48 && chmod 600 ticket-keys
\`\`\`

Give this file to all workers and hosts behind one name as \`tls.ticketKeysFile\`, and replace it once
a day: whoever has it can read sessions that TLS 1.2 clients resumed. Tickets of the old keys cost
a full handshake, once.`,
  });
}
