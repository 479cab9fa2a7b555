import { createMetrics } from '@homeward/service';
import { expect, it } from 'vitest';
import { createConversationCounts } from './conversation-counts.ts';
import { FRONT_END_METRICS } from './front-end-metrics.ts';

it('createConversationCounts() counts in the registry, under declared names', async () => {
  const metrics = createMetrics({
    catalogue: FRONT_END_METRICS,
    worker: '0',
    includesProcess: false,
  });
  const counts = createConversationCounts(metrics);
  counts.connectionOpened('imap');
  counts.connectionOpened('imap');
  counts.connectionClosed('imap');
  counts.loginEnded('imap', 'ok', 250);
  counts.loginEnded('imap', 'ok', 250);
  counts.loginEnded('pop3', 'wrong-password', 40);
  counts.connectionRefused('pop3', 'tls-not-tls');
  const duration = 'homeward_frontend_login_duration_seconds';
  expect((await metrics.format()).split('\n')).toEqual(
    expect.arrayContaining([
      'homeward_frontend_connections{protocol="imap",worker="0"} 1',
      'homeward_frontend_connections{protocol="pop3",worker="0"} 0',
      'homeward_frontend_connections_refused_total{protocol="pop3",reason="tls-not-tls",worker="0"} 1',
      'homeward_frontend_logins_total{protocol="imap",outcome="ok",worker="0"} 2',
      'homeward_frontend_logins_total{protocol="pop3",outcome="wrong-password",worker="0"} 1',
      `${duration}_sum{protocol="imap",outcome="ok",worker="0"} 0.5`,
      `${duration}_count{protocol="pop3",outcome="refused",worker="0"} 1`,
    ]),
  );
});
