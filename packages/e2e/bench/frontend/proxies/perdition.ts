/** perdition: a process for every connection. */
import { findFreePort } from '@homeward/testkit';
import type { BenchWorld } from '../bench-world.ts';
import { findProgram } from '../find-program.ts';
import { startPinned } from '../pinned-process.ts';
import { awaitProxy, type Proxy } from './proxy.ts';

export async function startPerdition(world: BenchWorld): Promise<Proxy | undefined> {
  const program = findProgram('perdition');
  if (program === undefined) return undefined;
  const ports = { imap: await findFreePort(), imaps: await findFreePort() };
  const shared = `--no_daemon --no_lookup --config_file /dev/null --bind_address 127.0.0.1
    --outgoing_server 127.0.0.1 --outgoing_port ${world.home.plain} --connection_limit 0
    --connect_relog 0 --quiet --timeout 3600 --username nobody --group nogroup
    --ssl_no_cert_verify`.replaceAll(/\s+/g, ' ');
  const tls = `--ssl_mode ssl_listen --ssl_cert_file ${world.certFile} --ssl_key_file ${world.keyFile}`;
  const pid = (name: string): string => `--pid_file ${world.folder.join(name)}`;
  const script = `trap 'kill $A $B 2>/dev/null; wait; exit 0' TERM INT
    ${program} ${shared} --protocol IMAP4 --listen_port ${ports.imap} ${pid('p1.pid')} & A=$!
    ${program} ${shared} --protocol IMAP4S --listen_port ${ports.imaps} ${tls} ${pid('p2.pid')} & B=$!
    wait`;
  return awaitProxy(startPinned('measured', '/bin/sh', ['-c', script]), ports);
}
