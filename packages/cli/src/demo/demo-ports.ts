/**
 * The demo's ports: well-known ones on top of `--port-base`, or free ones. Free ports are held
 * until just before the services take them, and lie below the range from which the system
 * chooses ports for outgoing connections, so that nobody gets one by chance meanwhile.
 */
import { randomInt } from 'node:crypto';
import type { FrontEndPlan, WorkerPorts } from '../init/deployment-plan.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { holdPort } from '../wiring.ts';

export const DEMO_HOST = '127.0.0.1';

export interface DemoPorts {
  readonly frontEnd: FrontEndPlan['ports'];
  /** Of the front end, for MTAs of this host. */
  readonly lmtp: number;
  readonly ops: number;
  /** Of the sink that stands for the Internet. */
  readonly sink: number;
  /** By site, by worker. */
  readonly sites: readonly (readonly WorkerPorts[])[];
}

export interface HeldPorts extends AsyncDisposable {
  readonly ports: DemoPorts;
  /** Lets the services have them. Idempotent. */
  release(): Promise<void>;
}

export interface PortWishes {
  readonly portBase: number | undefined;
  readonly siteCount: number;
  readonly workerCount: number;
  /** Whether workers have ports without TLS. */
  readonly hasPlainPorts: boolean;
}

const FIRST_FREE = 20_000;
const LAST_FREE = 32_000;
const ATTEMPTS = 2_000;

type TakePort = (wellKnown: number) => Promise<number>;

/** @throws OperatorError if a port is not free. */
export async function holdDemoPorts(wishes: PortWishes): Promise<HeldPorts> {
  await using held = new AsyncDisposableStack();
  const hold = async (port: number): Promise<boolean> => {
    const listener = await holdPort(DEMO_HOST, port);
    if (listener !== undefined) held.defer(() => listener.close());
    return listener !== undefined;
  };
  const { portBase } = wishes;
  const take: TakePort =
    portBase === undefined ? () => takeFree(hold) : (port) => takeExactly(portBase + port, hold);
  const ports = await assignPorts(wishes, take);
  const taken = held.move();
  const release = (): Promise<void> => taken.disposeAsync();
  return { ports, release, [Symbol.asyncDispose]: release };
}

async function assignPorts(wishes: PortWishes, take: TakePort): Promise<DemoPorts> {
  const frontEnd = {
    imap: await take(143),
    imaps: await take(993),
    pop3: await take(110),
    pop3s: await take(995),
    submission: await take(587),
    submissions: await take(465),
  };
  const lmtp = await take(24);
  const ops = await take(960);
  const sink = await take(25);
  const sites: WorkerPorts[][] = [];
  for (let site = 0; site < wishes.siteCount; site += 1) {
    const workers: WorkerPorts[] = [];
    for (let worker = 0; worker < wishes.workerCount; worker += 1) {
      const first = 1993 + (site * wishes.workerCount + worker) * 10;
      workers.push({
        imaps: await take(first),
        pop3s: await take(first + 2),
        control: await take(first + 4),
        submissions: await take(first + 5),
        lmtps: await take(first + 6),
        ...(wishes.hasPlainPorts && {
          imap: await take(first + 1),
          pop3: await take(first + 3),
          submission: await take(first + 7),
        }),
      });
    }
    sites.push(workers);
  }
  return { frontEnd, lmtp, ops, sink, sites };
}

async function takeFree(hold: (port: number) => Promise<boolean>): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_FREE, LAST_FREE);
    if (await hold(port)) return port;
  }
  throw new OperatorError(
    `no port between ${FIRST_FREE} and ${LAST_FREE} is free`,
    EXIT_CODES.startFailed,
  );
}

async function takeExactly(
  port: number,
  hold: (port: number) => Promise<boolean>,
): Promise<number> {
  if (port <= 65_535 && (await hold(port))) return port;
  throw new OperatorError(
    `port ${port} of ${DEMO_HOST} is not to be had; give another --port-base, or none`,
    EXIT_CODES.startFailed,
  );
}
