/** HAProxy in TCP mode: ends TLS and knows nothing of mail. What the transport alone costs. */
import { writeFile } from 'node:fs/promises';
import { findFreePort } from '@homeward/testkit';
import type { BenchWorld } from '../bench-world.ts';
import { findProgram } from '../find-program.ts';
import { startPinned } from '../pinned-process.ts';
import { awaitProxy, type Proxy } from './proxy.ts';

export async function startHaproxy(world: BenchWorld): Promise<Proxy | undefined> {
  const program = findProgram('haproxy');
  if (program === undefined) return undefined;
  const ports = { imap: await findFreePort(), imaps: await findFreePort() };
  const file = world.folder.join('haproxy.cfg');
  await writeFile(file, createConfiguration(world, ports));
  return awaitProxy(startPinned('measured', program, ['-db', '-f', file]), ports);
}

function createConfiguration(
  { pemFile, home }: BenchWorld,
  { imap, imaps }: Proxy['ports'],
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
  default_backend home
frontend imap
  bind 127.0.0.1:${imap} backlog 4096
frontend imaps
  bind 127.0.0.1:${imaps} ssl crt ${pemFile} backlog 4096
backend home
  server home 127.0.0.1:${home.plain}
`;
}
