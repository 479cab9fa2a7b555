/** A front end's ops port: whether it lives, wants clients, and what it counts. */
import {
  openOpsServer,
  type Clock,
  type LayerFacts,
  type LayerState,
  type Lifecycle,
  type OpsConfig,
  type OpsPagesOptions,
  type ReadinessCheck,
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
  | 'findDirectoryTrouble'
  | 'directoryBehindMs'
  | 'findProtocolFault'
  | 'countListeners'
  | 'findLmtpFault'
  | 'homes'
>;

/** @param worker Nothing while it is starting. */
export function describeHealth(
  worker: () => Questions | undefined,
): Required<Pick<OpsPagesOptions, 'checks' | 'rooms' | 'besides'>> {
  const ask =
    (question: (worker: Questions) => string | LayerState | undefined): ReadinessCheck =>
    () => {
      const present = worker();
      return present === undefined ? STARTING : question(present);
    };
  const roomOf = (protocol: MailProtocol): ReadinessChecks => ({
    listener: ask((present) => ({
      fault: present.findProtocolFault(protocol),
      facts: { listeners: present.countListeners(protocol) },
    })),
  });
  // A site that is down is no reason to send clients to another front end.
  const homesOf = (protocol?: MailProtocol): ReadinessChecks => ({
    homes: ask(({ homes }) => ({
      fault: homes.findFault(protocol),
      facts: { ...homes.count(protocol) },
    })),
  });
  return {
    checks: {
      serving: ask((present) => present.findListenerFault()),
      directory: ask((present) => ({
        fault: present.findDirectoryFault(),
        facts: factsOfDirectory(present),
      })),
    },
    rooms: {
      imap: roomOf('imap'),
      pop3: roomOf('pop3'),
      submission: roomOf('submission'),
      lmtp: { listener: ask((present) => present.findLmtpFault()) },
      homes: homesOf(),
    },
    besides: {
      imap: homesOf('imap'),
      pop3: homesOf('pop3'),
      submission: homesOf('submission'),
    },
  };
}

/** Before the first contact there is no age. */
function factsOfDirectory(worker: Questions): LayerFacts {
  const { directoryBehindMs: behindMs } = worker;
  if (behindMs === Infinity) return {};
  const away = worker.findDirectoryTrouble();
  return { behindSeconds: Math.round(behindMs / 1000), ...(away !== undefined && { away }) };
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
