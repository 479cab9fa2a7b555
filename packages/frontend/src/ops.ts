/** A front end's ops port: whether it lives, wants clients, and what it counts. */
import {
  openOpsServer,
  type Clock,
  type Lifecycle,
  type OpsConfig,
  type OpsPagesOptions,
  type ReadinessChecks,
  type WorkerCrew,
} from '@homeward/service';
import type { MailProtocol } from './login/ports.ts';
import type { FrontEndWorker } from './front-end-worker.ts';
import type { FrontEndLog } from './log-events.ts';
import { StartError } from './start-error.ts';

const STARTING = 'the front end is starting';

type Questions = Pick<
  FrontEndWorker,
  | 'findListenerFault'
  | 'findDirectoryFault'
  | 'findProtocolFault'
  | 'findLmtpFault'
  | 'findHomeFault'
>;

/** @param worker Nothing while it is starting. */
export function describeHealth(
  worker: () => Questions | undefined,
): Required<Pick<OpsPagesOptions, 'checks' | 'rooms'>> {
  const ask = (question: (worker: Questions) => string | undefined) => (): string | undefined => {
    const present = worker();
    return present === undefined ? STARTING : question(present);
  };
  const roomOf = (protocol: MailProtocol): ReadinessChecks => ({
    listener: ask((present) => present.findProtocolFault(protocol)),
  });
  return {
    checks: {
      listeners: ask((present) => present.findListenerFault()),
      directory: ask((present) => present.findDirectoryFault()),
    },
    rooms: {
      imap: roomOf('imap'),
      pop3: roomOf('pop3'),
      submission: roomOf('submission'),
      lmtp: { listener: ask((present) => present.findLmtpFault()) },
      // A page of its own: a site that is down is no reason to send clients to another front end.
      homes: { homes: ask((present) => present.findHomeFault()) },
    },
  };
}

/** A check or page that threw: a bug. */
export function logFaults(log: FrontEndLog): (check: string, error: unknown) => void {
  return (check, error) => log.log('ops.failed', { check, error });
}

/**
 * Opens the port if it is configured. Start it first: it then says until the end that the
 * service is stopping.
 */
export async function startOps(
  { enabled, host, port }: OpsConfig,
  pages: Omit<OpsPagesOptions, 'clock' | 'onFault'> & { readonly workers?: WorkerCrew },
  {
    lifecycle,
    log,
    clock,
  }: {
    readonly lifecycle: Lifecycle;
    readonly log: FrontEndLog;
    readonly clock: Clock;
  },
): Promise<void> {
  if (!enabled) return;
  await lifecycle.start('ops', async () => {
    const opened = await openOpsServer({
      ...pages,
      host,
      port,
      clock,
      onFault: logFaults(log),
    });
    if (!opened.ok) throw new StartError('ops.port', opened.reason);
    const { server } = opened;
    lifecycle.stopSignal.addEventListener('abort', () => server.startDraining());
    log.log('listener.opened', {
      protocol: 'http',
      address: `${host}:${server.port}`,
      tls: 'none',
    });
    return { value: server, stop: () => server.close() };
  });
}
