/** nginx's mail proxy, one worker; its `auth_http` is answered by the same worker. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { findFreePort } from '@homeward/testkit';
import type { BenchWorld } from '../bench-world.ts';
import { findProgram } from '../find-program.ts';
import { startPinned } from '../pinned-process.ts';
import { awaitProxy, findMailPorts, type Proxy } from './proxy.ts';

const MODULES = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules'].map(
  (folder) => `${folder}/ngx_mail_module.so`,
);

export async function startNginx(world: BenchWorld): Promise<Proxy | undefined> {
  const program = findProgram('nginx');
  const module = MODULES.find((file) => existsSync(file));
  if (program === undefined || module === undefined) return undefined;
  const ports = await findMailPorts();
  const file = world.folder.join('nginx.conf');
  await writeFile(file, createConfiguration(world, module, ports, await findFreePort()));
  const args = ['-p', world.folder.path, '-c', file];
  return awaitProxy(startPinned('measured', program, args), ports);
}

function createConfiguration(
  { folder, certFile, keyFile, home }: BenchWorld,
  module: string,
  { imap, imaps, pop3, pop3s }: Proxy['ports'],
  authPort: number,
): string {
  return `load_module ${module};
daemon off;
user root;
worker_processes 1;
pid ${folder.join('nginx.pid')};
error_log ${folder.join('nginx.log')} error;
events {
  worker_connections 22000;
  multi_accept on;
}
http {
  access_log off;
  keepalive_timeout 0;
  map $http_auth_protocol $home_port {
    pop3 ${home.pop3};
    default ${home.imap};
  }
  server {
    listen 127.0.0.1:${authPort} backlog=4096;
    location = /auth {
      add_header Auth-Status OK;
      add_header Auth-Server 127.0.0.1;
      add_header Auth-Port $home_port;
      return 204;
    }
  }
}
mail {
  auth_http 127.0.0.1:${authPort}/auth;
  server_name mail.example.test;
  proxy_timeout 60m;
  timeout 60m;
  imap_capabilities IMAP4rev1 LITERAL+ SASL-IR ID IDLE UIDPLUS;
  pop3_capabilities TOP USER UIDL;
  ssl_certificate ${certFile};
  ssl_certificate_key ${keyFile};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache none;
  server { listen 127.0.0.1:${imap} backlog=4096; protocol imap; }
  server { listen 127.0.0.1:${imaps} ssl backlog=4096; protocol imap; }
  server { listen 127.0.0.1:${pop3} backlog=4096; protocol pop3; }
  server { listen 127.0.0.1:${pop3s} ssl backlog=4096; protocol pop3; }
}
`;
}
