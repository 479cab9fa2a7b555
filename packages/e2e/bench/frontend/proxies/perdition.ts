/** perdition: a process for every connection. */
import type { BenchWorld } from '../bench-world.ts';
import { findProgram } from '../find-program.ts';
import { startPinned } from '../pinned-process.ts';
import { awaitProxy, findMailPorts, type Proxy } from './proxy.ts';

export async function startPerdition(world: BenchWorld): Promise<Proxy | undefined> {
  const program = findProgram('perdition');
  if (program === undefined) return undefined;
  const ports = await findMailPorts();
  const shared = `--no_daemon --no_lookup --config_file /dev/null --bind_address 127.0.0.1
    --outgoing_server 127.0.0.1 --connection_limit 0 --connect_relog 0 --quiet --timeout 3600
    --username nobody --group nogroup --ssl_no_cert_verify`.replaceAll(/\s+/g, ' ');
  const tls = `--ssl_mode ssl_listen --ssl_cert_file ${world.certFile} --ssl_key_file ${world.keyFile}`;
  const { imap, pop3 } = world.home;
  const daemons = [
    `--protocol IMAP4 --listen_port ${ports.imap} --outgoing_port ${imap}`,
    `--protocol IMAP4S --listen_port ${ports.imaps} --outgoing_port ${imap} ${tls}`,
    `--protocol POP3 --listen_port ${ports.pop3} --outgoing_port ${pop3}`,
    `--protocol POP3S --listen_port ${ports.pop3s} --outgoing_port ${pop3} ${tls}`,
  ].map((own, index) => {
    const pidFile = world.folder.join(`perdition-${index}.pid`);
    return `${program} ${shared} ${own} --pid_file ${pidFile} & P="$P $!"`;
  });
  const script = `trap 'kill $P 2>/dev/null; wait; exit 0' TERM INT
    ${daemons.join('\n')}
    wait`;
  return awaitProxy(startPinned('measured', '/bin/sh', ['-c', script]), ports);
}
