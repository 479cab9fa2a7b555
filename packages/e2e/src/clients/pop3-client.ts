/** node-pop3, as an application would use it; it knows TLS from the first octet only. */
import Pop3Command from 'node-pop3';
import type { Demo } from '../demo/demo.ts';
import type { DemoLogin } from '../demo/env-file.ts';

/** A client that connects and logs in with its first command; the caller sends QUIT. */
export function createPop3Client(demo: Demo, user: DemoLogin): Pop3Command {
  const { host, ports, serverName } = demo.facts;
  return new Pop3Command({
    user: user.name,
    password: user.password,
    host,
    port: ports.pop3s,
    tls: true,
    timeout: 10_000,
    servername: serverName,
    tlsOptions: { ca: demo.tls.ca },
  });
}
