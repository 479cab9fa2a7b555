/** Dovecot 2.3 as a login proxy, one login process for all connections ("high performance"). */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { BenchWorld } from '../bench-world.ts';
import { findProgram } from '../find-program.ts';
import { startPinned } from '../pinned-process.ts';
import { awaitProxy, findMailPorts, type Proxy } from './proxy.ts';

export async function startDovecot(world: BenchWorld): Promise<Proxy | undefined> {
  const program = findProgram('dovecot');
  if (program === undefined) return undefined;
  const ports = await findMailPorts();
  const folder = world.folder.join('dovecot');
  await mkdir(folder, { recursive: true });
  await chmod(world.folder.path, 0o755);
  const file = `${folder}/dovecot.conf`;
  await writeFile(file, createConfiguration(world, folder, ports));
  return awaitProxy(startPinned('measured', program, ['-F', '-c', file]), ports);
}

function createConfiguration(
  { certFile, keyFile, home }: BenchWorld,
  folder: string,
  { imap, imaps, pop3, pop3s }: Proxy['ports'],
): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${certFile}
ssl_key = <${keyFile}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = plain login
default_client_limit = 19900
default_vsz_limit = 0
passdb {
  driver = static
  args = proxy=y nopassword=y host=127.0.0.1 port=%{if;%s;eq;pop3;${home.pop3};${home.imap}}
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=${folder}
}
service imap-login {
  service_count = 0
  process_min_avail = 1
  process_limit = 1
  client_limit = 19900
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service pop3-login {
  service_count = 0
  process_min_avail = 1
  process_limit = 1
  client_limit = 19900
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = ${pop3s}
    ssl = yes
  }
}
`;
}
