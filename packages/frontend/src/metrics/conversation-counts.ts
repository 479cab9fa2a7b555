/** Conversations' counts, kept in a registry of metrics. */
import type { Metrics } from '@homeward/service';
import type { ConversationMetrics } from '../conversation/ports.ts';
import { MAIL_PROTOCOLS } from '../login/ports.ts';
import type { FrontEndMetrics } from './front-end-metrics.ts';

export function createConversationCounts(metrics: Metrics<FrontEndMetrics>): ConversationMetrics {
  const connections = metrics.gauge('homeward_frontend_connections');
  const refused = metrics.counter('homeward_frontend_connections_refused_total');
  const logins = metrics.counter('homeward_frontend_logins_total');
  const ended = metrics.counter('homeward_frontend_sessions_ended_total');
  const durations = metrics.histogram('homeward_frontend_login_duration_seconds');
  const phases = metrics.histogram('homeward_frontend_login_phase_duration_seconds');
  for (const protocol of MAIL_PROTOCOLS) connections.set({ protocol }, 0);
  return {
    connectionOpened: (protocol) => connections.add({ protocol }, 1),
    connectionClosed: (protocol) => connections.add({ protocol }, -1),
    connectionRefused: (protocol, reason) => refused.add({ protocol, reason }),
    sessionEnded: (protocol, reason) => ended.add({ protocol, reason }),
    phaseEnded(protocol, phase, durationMs) {
      phases.observe({ protocol, phase }, durationMs / 1000);
    },
    loginEnded(protocol, outcome, durationMs) {
      logins.add({ protocol, outcome });
      const answer = outcome === 'ok' ? 'ok' : 'refused';
      durations.observe({ protocol, outcome: answer }, durationMs / 1000);
    },
  };
}
