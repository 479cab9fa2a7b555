import { expect, it } from 'vitest';
import { ConversationCounters } from './conversation-counters.ts';

it('ConversationCounters tells what it counted, in the format of Prometheus', () => {
  const counters = new ConversationCounters();
  counters.connectionOpened('imap');
  counters.connectionOpened('imap');
  counters.connectionClosed('imap');
  counters.loginEnded('imap', 'ok', 250);
  counters.loginEnded('imap', 'ok', 250);
  counters.loginEnded('pop3', 'wrong-password', 40);
  counters.connectionRefused('pop3', 'tls-not-tls');
  expect(counters.format().split('\n')).toEqual(
    expect.arrayContaining([
      'homeward_frontend_connections{protocol="imap"} 1',
      'homeward_frontend_refused_connections_total{protocol="pop3",reason="tls-not-tls"} 1',
      'homeward_frontend_logins_total{protocol="imap",outcome="ok"} 2',
      'homeward_frontend_logins_total{protocol="pop3",outcome="wrong-password"} 1',
      'homeward_frontend_login_seconds_total{protocol="imap"} 0.5',
    ]),
  );
});
