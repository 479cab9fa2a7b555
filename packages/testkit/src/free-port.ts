/**
 * A free TCP port, for programs that cannot be told to take any. Between the answer and its use
 * another process may take the port: whoever uses it tries again with another one then. What can
 * listen on port 0 should do that instead.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port of the loopback address that nobody listened on just now. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
