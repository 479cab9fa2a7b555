/** A probe's connection: opened hop by hop, then lines and counted octets. */
import {
  connectStepped,
  lookUpHost,
  type StepOutcome,
  type SteppedConnection,
} from '@homeward/net';
import { OctetStreamReader } from '@homeward/wire';
import { HopFailure, type HopWatch } from './hop-watch.ts';

/** As Test-ImapConnectivity's ConnectionType has them. */
export type ConnectionType = 'plaintext' | 'ssl' | 'tls';

/** Where to, and how. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly connectionType: ConnectionType;
  /** That the certificate must carry. */
  readonly serverName: string;
  /** PEM of authorities. */
  readonly ca: readonly string[];
  /** The system's count beside them. */
  readonly trustsSystem: boolean;
  readonly trustsAny: boolean;
}

const LINE_BYTES = 65_536;

/** Close it. Each call throws `HopFailure` if the server is gone or says too much. */
export class ProbeLink {
  readonly #connection: SteppedConnection;
  readonly #target: ProbeTarget;
  #reader: OctetStreamReader;

  /** Use `openProbeLink`. */
  constructor(connection: SteppedConnection, target: ProbeTarget) {
    this.#connection = connection;
    this.#target = target;
    this.#reader = new OctetStreamReader(connection);
  }

  /** @returns Version and cipher. */
  async startTls(): Promise<string | undefined> {
    // What was read ahead of TLS is dropped with the reader.
    need(await this.#connection.startTls(this.#target));
    this.#reader = new OctetStreamReader(this.#connection);
    return this.#connection.tls;
  }

  send(line: string): void {
    this.#connection.write(`${line}\r\n`);
  }

  sendOctets(octets: Uint8Array): void {
    this.#connection.write(octets);
  }

  /** Without its end, as Latin-1. */
  async readLine(): Promise<string> {
    const line = await this.#reader.readLine(LINE_BYTES);
    if (typeof line === 'string') throw new HopFailure(ENDS[line]);
    return line.octets.toString('latin1');
  }

  async readOctets(byteCount: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = byteCount; left > 0;) {
      const part = await this.#reader.readSome(left);
      if (typeof part === 'string') throw new HopFailure(ENDS[part]);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  close(): void {
    this.#connection.destroy();
  }
}

const ENDS = {
  ended: 'the server closed the connection',
  broken: 'the connection broke, or the time was over',
  'timed-out': 'the server said nothing',
  'too-long': 'the server said a line without an end',
} as const;

/** Looks up, connects, and speaks TLS if that comes first. */
export async function openProbeLink(
  target: ProbeTarget,
  watch: HopWatch,
  signal: AbortSignal,
): Promise<ProbeLink> {
  const { host, port, connectionType } = target;
  const address = await watch.measure(
    'dns',
    async () => need(await lookUpHost(host, signal)),
    (found) => (found === host ? 'an address was given' : found),
  );
  const connection = await watch.measure(
    'connect',
    async () => need(await connectStepped(address, port, signal)),
    () => `${host}:${port}`,
  );
  const link = new ProbeLink(connection, target);
  if (connectionType !== 'ssl') return link;
  try {
    await watch.measure(
      'tls',
      () => link.startTls(),
      (tls) => tls,
    );
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
}

function need<Value>(outcome: StepOutcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new HopFailure(`${outcome.reason} (${outcome.detail})`);
}
