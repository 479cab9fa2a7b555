/**
 * How long commands take, summed up here and read when somebody looks: counting costs a busy
 * session next to nothing.
 */
import type { Metrics } from '@homeward/service';
import type { BackEndMetrics } from './back-end-metrics.ts';
import { type ServedProtocol, SLOW_COMMAND_SECONDS } from './metric-labels.ts';

/** Commands whose time is the client's own: it waits, or brings a message. */
const WAITS_FOR_CLIENT: ReadonlySet<string> = new Set(['idle']);
const BRINGS_MESSAGES: ReadonlySet<string> = new Set(['append', 'replace', 'DATA', 'BDAT']);

/** Takes one protocol's commands. Call once for each protocol. */
export function timeCommands(
  metrics: Metrics<BackEndMetrics>,
  protocol: ServedProtocol,
): (name: string, durationMs: number) => void {
  const slow = metrics.counter('homeward_backend_slow_commands_total');
  let totalMs = 0;
  metrics
    .counter('homeward_backend_command_seconds_total')
    .read({ protocol }, () => totalMs / 1_000);
  return (name, durationMs) => {
    if (WAITS_FOR_CLIENT.has(name)) return;
    totalMs += durationMs;
    if (durationMs <= 1_000 || BRINGS_MESSAGES.has(name)) return;
    for (const seconds of SLOW_COMMAND_SECONDS) {
      if (durationMs > Number(seconds) * 1_000) {
        slow.add({ protocol, longer_than_seconds: seconds });
      }
    }
  };
}
