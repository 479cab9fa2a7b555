/** imapflow, as an application would use it. */
import { ImapFlow } from 'imapflow';
import type { Demo } from '../demo/demo.ts';
import type { DemoLogin } from '../demo/env-file.ts';

/** A client that is connected and logged in; the caller logs it out or closes it. */
export async function openImapFlow(
  demo: Demo,
  user: DemoLogin,
  door: 'imap' | 'imaps' = 'imaps',
): Promise<ImapFlow> {
  const { host, ports, serverName } = demo.facts;
  const client = new ImapFlow({
    host,
    port: ports[door],
    secure: door === 'imaps',
    ...(door === 'imap' && { doSTARTTLS: true }),
    servername: serverName,
    tls: { ca: demo.tls.ca },
    auth: { user: user.name, pass: user.password },
    logger: false,
  });
  // Without a listener an error of a broken connection would end the test's process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
