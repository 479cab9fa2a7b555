/** All that the front-end benchmark can measure, in the order of the table's columns. */
import { startDirect } from './direct.ts';
import { startDovecot } from './dovecot.ts';
import { startHaproxy } from './haproxy.ts';
import { startHomeward } from './homeward.ts';
import { startNginx } from './nginx.ts';
import { startPerdition } from './perdition.ts';
import type { ProxyKind } from './proxy.ts';

/** The one whose goals are judged. */
export const OURS = 'Homeward';
export const OURS_TLS = 'Homeward, TLS inside';

export const PROXY_KINDS: readonly ProxyKind[] = [
  {
    name: OURS,
    note: 'everything on, the leg to the home in plaintext as with the others',
    isOurs: true,
    start: (world) => startHomeward(world, 'plain'),
    startWorkers: (world, workers) => startHomeward(world, 'plain', workers, workers),
  },
  {
    name: OURS_TLS,
    note: 'the same as it is run: the leg to the home in TLS',
    isOurs: true,
    start: (world) => startHomeward(world, 'tls'),
    startWorkers: (world, workers) => startHomeward(world, 'tls', workers, workers),
  },
  { name: 'nginx', note: 'its auth_http is a constant answer', start: startNginx },
  { name: 'Dovecot', note: 'login proxy with a static passdb', start: startDovecot },
  { name: 'HAProxy', note: 'in TCP mode: no authentication at all', start: startHaproxy },
  {
    name: 'perdition',
    note: 'a process for every connection, no look-up',
    idleLimit: 500,
    start: startPerdition,
  },
  { name: 'direct', note: 'no proxy: the home itself, a script, with TLS', start: startDirect },
];
