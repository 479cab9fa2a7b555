/**
 * Our front end with everything on: accounts and sessions in Redis, tickets, logs into a file,
 * metrics on the ops port.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@homeward/testkit';
import type { BenchWorld, InnerLeg } from '../bench-world.ts';
import { startPinned } from '../pinned-process.ts';
import { awaitProxy, findMailPorts, type Proxy } from './proxy.ts';

const PROGRAM = fileURLToPath(new URL('../../../../cli/bin/homeward.js', import.meta.url));
/** Of one account: few accounts stand for many. */
const SESSIONS_PER_USER = 10_000;

/** @param workers Processes that share the ports. @param processorCount What they all have. */
export async function startHomeward(
  world: BenchWorld,
  leg: InnerLeg,
  workers: number = 1,
  processorCount: number = 1,
): Promise<Proxy> {
  const ports = await findMailPorts();
  const file = world.folder.join(`frontend-${ports.imap}.yaml`);
  const opsPort = await findFreePort();
  await writeFile(file, JSON.stringify(createConfiguration(world, leg, ports, workers, opsPort)));
  // A shell, so that the log goes straight to a file, as a service's does.
  const script = 'log=$1; shift; exec "$@" > "$log" 2>&1';
  const command = [process.execPath, PROGRAM, 'frontend', '--config', file];
  const log = world.folder.join(`frontend-${ports.imap}.log`);
  const args = ['-c', script, 'sh', log, ...command];
  const running = startPinned('measured', '/bin/sh', args, {}, processorCount);
  return awaitProxy(running, ports);
}

function createConfiguration(
  world: BenchWorld,
  leg: InnerLeg,
  { imap, imaps, pop3, pop3s }: Proxy['ports'],
  workers: number,
  opsPort: number,
): object {
  const host = '127.0.0.1';
  return {
    imap: {
      loginType: 'PlainTextLogin',
      listeners: [
        { host, port: imap, tls: 'none' },
        { host, port: imaps, tls: 'implicit' },
      ],
    },
    pop3: {
      loginType: 'PlainTextLogin',
      listeners: [
        { host, port: pop3, tls: 'none' },
        { host, port: pop3s, tls: 'implicit' },
      ],
    },
    tls: { certificates: [{ certFile: world.certFile, keyFile: world.keyFile }] },
    homes: { caFile: world.caFile, tls: leg === 'plain' ? 'none' : 'required' },
    ticket: { keyFile: world.ticketKeyFile },
    directory: { driver: 'redis', url: world.redis.url, keyPrefix: world.keyPrefix(leg) },
    connectionLimits: { perUser: SESSIONS_PER_USER },
    workers,
    logging: { level: 'info', format: 'json' },
    ops: { enabled: true, host, port: opsPort },
  };
}
