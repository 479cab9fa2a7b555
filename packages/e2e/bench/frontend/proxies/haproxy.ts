/** HAProxy in TCP mode: ends TLS and knows nothing of mail. What the transport alone costs. */
import { writeFile } from 'node:fs/promises';
import type { BenchWorld } from '../bench-world.ts';
import { findProgram } from '../find-program.ts';
import { startPinned } from '../pinned-process.ts';
import { awaitProxy, findMailPorts, type Proxy } from './proxy.ts';

export async function startHaproxy(world: BenchWorld): Promise<Proxy | undefined> {
  const program = findProgram('haproxy');
  if (program === undefined) return undefined;
  const ports = await findMailPorts();
  const file = world.folder.join('haproxy.cfg');
  await writeFile(file, createConfiguration(world, ports));
  return awaitProxy(startPinned('measured', program, ['-db', '-f', file]), ports);
}

function createConfiguration(
  { pemFile, home }: BenchWorld,
  { imap, imaps, pop3, pop3s }: Proxy['ports'],
): string {
  return `global
  nbthread 1
  maxconn 9900
  ssl-default-bind-options ssl-min-ver TLSv1.2
  tune.ssl.cachesize 0
defaults
  mode tcp
  timeout connect 10s
  timeout client 60m
  timeout server 60m
  maxconn 9900
frontend imap
  bind 127.0.0.1:${imap} backlog 4096
  default_backend imap-home
frontend imaps
  bind 127.0.0.1:${imaps} ssl crt ${pemFile} backlog 4096
  default_backend imap-home
frontend pop3
  bind 127.0.0.1:${pop3} backlog 4096
  default_backend pop3-home
frontend pop3s
  bind 127.0.0.1:${pop3s} ssl crt ${pemFile} backlog 4096
  default_backend pop3-home
backend imap-home
  server home 127.0.0.1:${home.imap}
backend pop3-home
  server home 127.0.0.1:${home.pop3}
`;
}
