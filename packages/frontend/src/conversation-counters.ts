/**
 * What a front-end process counts, for its ops port. Plain numbers by closed lists of labels.
 */
import type { AcceptRefusal } from '@homeward/net';
import type { Fault } from '@homeward/service';
import type { ConversationMetrics, MailProtocol } from './conversation/ports.ts';

/** Counts since the process began, and what is open now. */
export class ConversationCounters implements ConversationMetrics {
  readonly openConnections: Record<MailProtocol, number> = { imap: 0, pop3: 0 };
  readonly logins: Map<`${MailProtocol} ${'ok' | Fault}`, number> = new Map();
  readonly refusedConnections: Map<`${MailProtocol} ${AcceptRefusal}`, number> = new Map();
  readonly loginMs: Record<MailProtocol, number> = { imap: 0, pop3: 0 };

  connectionOpened(protocol: MailProtocol): void {
    this.openConnections[protocol] += 1;
  }

  connectionClosed(protocol: MailProtocol): void {
    this.openConnections[protocol] -= 1;
  }

  connectionRefused(protocol: MailProtocol, reason: AcceptRefusal): void {
    increase(this.refusedConnections, `${protocol} ${reason}`);
  }

  loginEnded(protocol: MailProtocol, outcome: 'ok' | Fault, durationMs: number): void {
    increase(this.logins, `${protocol} ${outcome}`);
    this.loginMs[protocol] += durationMs;
  }

  /** In Prometheus's text format 0.0.4. */
  format(): string {
    const lines = [
      '# TYPE homeward_frontend_connections gauge',
      ...Object.entries(this.openConnections).map(
        ([protocol, count]) => `homeward_frontend_connections{protocol="${protocol}"} ${count}`,
      ),
      '# TYPE homeward_frontend_refused_connections_total counter',
      ...formatRows(
        'homeward_frontend_refused_connections_total',
        'reason',
        this.refusedConnections,
      ),
      '# TYPE homeward_frontend_logins_total counter',
      ...formatRows('homeward_frontend_logins_total', 'outcome', this.logins),
      '# TYPE homeward_frontend_login_seconds_total counter',
      ...Object.entries(this.loginMs).map(
        ([protocol, ms]) =>
          `homeward_frontend_login_seconds_total{protocol="${protocol}"} ${ms / 1000}`,
      ),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function increase<Key extends string>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function formatRows(
  name: string,
  label: string,
  counts: ReadonlyMap<string, number>,
): readonly string[] {
  return [...counts].map(([key, count]) => {
    const [protocol, value] = key.split(' ');
    return `${name}{protocol="${protocol}",${label}="${value}"} ${count}`;
  });
}
