/** A back end's ops port: whether it lives, wants sessions, and what it counts. */
import {
  openOpsServer,
  type Clock,
  type Lifecycle,
  type Logger,
  type OpsConfig,
  type OpsPagesOptions,
  type ReadinessCheck,
  type ReadinessChecks,
  type WorkerCrew,
} from '@homeward/service';
import type { BackEndLogEvents } from '../log-events.ts';
import type { BackEndWorker, ListenerName } from '../worker.ts';

export type OpsLog = Pick<Logger<BackEndLogEvents>, 'log'>;

/** @param worker Nothing while it is starting. */
export function describeHealth(
  worker: () => Pick<BackEndWorker, 'addresses' | 'isClosing' | 'isDirectoryKnown'> | undefined,
  isVolumeWritable: ReadinessCheck,
): Required<Pick<OpsPagesOptions, 'checks' | 'rooms'>> {
  const listeners = (): string | undefined => {
    const present = worker();
    if (present === undefined) return 'the worker is starting';
    return present.isClosing ? 'the worker is stopping' : undefined;
  };
  // Later absences of the directory keep nobody out.
  const directory = (): string | undefined =>
    worker()?.isDirectoryKnown === false ? 'the directory was never read' : undefined;
  // Each worker has a port for IMAP and POP3; one for mail it need not have.
  const hasPort = (name: ListenerName) => (): string | undefined => {
    const isOpen = worker()?.addresses.some((address) => address.name === name);
    return isOpen === false ? `the worker has no port ${name}` : undefined;
  };
  const ports = (name: ListenerName): ReadinessChecks => ({ port: hasPort(name) });
  return {
    checks: { listeners, directory, volume: isVolumeWritable },
    rooms: { imap: {}, pop3: {}, submission: ports('submissions'), lmtp: ports('lmtps') },
  };
}

/** A check or page that threw: a bug. */
export function logFaults(log: OpsLog): (check: string, error: unknown) => void {
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
  }: { readonly lifecycle: Lifecycle; readonly log: OpsLog; readonly clock: Clock },
): Promise<void> {
  if (!enabled) return;
  await lifecycle.start('ops', async () => {
    const onFault = logFaults(log);
    const opened = await openOpsServer({ ...pages, host, port, clock, onFault });
    if (!opened.ok) throw new Error(`ops.port: ${opened.reason}`);
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
