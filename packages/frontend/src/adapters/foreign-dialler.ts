/** Connections to sites of other software over `net`, each trusted as its site's record says. */
import type { ForeignTrust } from '@homeward/directory';
import {
  dial,
  formatProxyHeader,
  startClientTls,
  type ClientTls,
  type ClientTlsOptions,
  type DeadlineWheel,
  type DialAddress,
  type DialTls,
  type OwnAddresses,
  type ProxyHeader,
  type SocketStream,
} from '@homeward/net';
import type {
  AnnouncedClient,
  ForeignConnection,
  ForeignDialler,
  ForeignDialOutcome,
  ForeignTarget,
  UpgradeOutcome,
} from '../foreign/foreign-ports.ts';
import { StreamHome } from './stream-home.ts';

/** PEM, by the name that site records use. */
export type ClientCertificates = Readonly<
  Record<string, { readonly cert: string; readonly key: string }>
>;

export interface ForeignDiallerParts {
  readonly wheel: DeadlineWheel;
  readonly certificates: ClientCertificates;
  /** Throws for what cannot be trusted. */
  createTls(options: ClientTlsOptions): ClientTls;
  /** Where this front end listens: a site that leads there leads nowhere. */
  readonly ownAddresses: OwnAddresses;
}

/** How many sites' trust is kept ready, with the TLS sessions that can be resumed. */
const TRUST_ENTRIES = 256;

export function createForeignDialler(parts: ForeignDiallerParts): ForeignDialler {
  const trusts = new TrustStore(parts);
  const { wheel, ownAddresses } = parts;
  return {
    async dial(target, announced, budgetMs, signal): Promise<ForeignDialOutcome> {
      const address = { host: target.host, port: target.port };
      if (ownAddresses.has({ address: target.host, port: target.port })) return loop(target);
      const tls = trusts.find(target);
      if ('problem' in tls) return { ok: false, reason: 'tls-failed', detail: tls.problem };
      const dialled = await dial(
        {
          addresses: [address],
          budgetMs,
          signal,
          ...(target.tls === 'implicit' && { tls: tls.tls }),
          ...(announced !== undefined && { proxyHeader: formatAnnouncement(announced) }),
        },
        wheel,
      );
      if (!dialled.ok) {
        const reason = dialled.reason.startsWith('tls-') ? 'tls-failed' : 'unreachable';
        return { ok: false, reason, detail: `${dialled.reason} (${dialled.detail})` };
      }
      const { stream } = dialled;
      if (ownAddresses.has(stream.remote)) {
        stream.destroy('loop');
        return loop(target);
      }
      return { ok: true, connection: new ForeignStream(stream, address, tls.tls, wheel) };
    },
  };
}

class ForeignStream extends StreamHome implements ForeignConnection {
  readonly #address: DialAddress;
  readonly #tls: DialTls;
  readonly #wheel: DeadlineWheel;

  constructor(stream: SocketStream, address: DialAddress, tls: DialTls, wheel: DeadlineWheel) {
    super(stream);
    this.#address = address;
    this.#tls = tls;
    this.#wheel = wheel;
  }

  async startTls(limitMs: number, signal: AbortSignal): Promise<UpgradeOutcome> {
    const bounds = { limitMs, signal };
    const { stream } = this;
    const upgraded = await startClientTls(stream, this.#address, this.#tls, bounds, this.#wheel);
    if (upgraded.ok) return upgraded;
    return { ok: false, detail: `${upgraded.reason} (${upgraded.detail})` };
  }
}

/** One TLS client for each way to trust, so that sessions of one are never another's. */
class TrustStore {
  readonly #parts: Pick<ForeignDiallerParts, 'certificates' | 'createTls'>;
  readonly #known = new Map<string, ClientTls>();

  constructor(parts: Pick<ForeignDiallerParts, 'certificates' | 'createTls'>) {
    this.#parts = parts;
  }

  find({
    trust,
    serverName,
  }: ForeignTarget): { readonly tls: DialTls } | { readonly problem: string } {
    const key = JSON.stringify([trust.ca, trust.pins, trust.clientCertificate]);
    const known = this.#known.get(key);
    if (known !== undefined) return { tls: { client: known, serverName } };
    try {
      const client = this.#parts.createTls(this.#optionsOf(trust));
      this.#known.set(key, client);
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= TRUST_ENTRIES) break;
        this.#known.delete(oldest);
      }
      return { tls: { client, serverName } };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : 'the trust cannot be used' };
    }
  }

  #optionsOf({ ca, pins = [], clientCertificate }: ForeignTrust): ClientTlsOptions {
    const base = { ca: ca ?? (pins.length === 0 ? 'public' : 'pins-only'), pins } as const;
    if (clientCertificate === undefined) return base;
    const certificate = Object.hasOwn(this.#parts.certificates, clientCertificate)
      ? this.#parts.certificates[clientCertificate]
      : undefined;
    if (certificate === undefined) {
      throw new Error(`homes.clientCertificates of this front end has no ${clientCertificate}`);
    }
    return { ...base, certificate };
  }
}

function loop({ host, port }: ForeignTarget): ForeignDialOutcome {
  return { ok: false, reason: 'loop', detail: `${host}:${port} is this front end itself` };
}

function formatAnnouncement(announced: AnnouncedClient | 'probe'): Buffer {
  if (announced === 'probe') {
    return formatProxyHeader({ version: 2, command: 'local', ends: undefined, extras: {} });
  }
  const { address, port, connectedAddress, connectedPort, sessionId, tls, hopsLeft } = announced;
  const isV4 = !address.includes(':') && !connectedAddress.includes(':');
  const header: ProxyHeader = {
    version: 2,
    command: 'proxy',
    ends: {
      family: isV4 ? 'ipv4' : 'ipv6',
      transport: 'stream',
      source: { address: isV4 ? address : toV6(address), port },
      destination: {
        address: isV4 ? connectedAddress : toV6(connectedAddress),
        port: connectedPort,
      },
    },
    extras: {
      uniqueId: Buffer.from(sessionId),
      hopsLeft,
      ...(tls !== undefined && {
        tls: {
          isEncrypted: true,
          hasCertificate: false,
          hasSessionCertificate: false,
          verifyResult: 0,
          version: tls.version,
          cipher: tls.cipher,
        },
      }),
    },
  };
  return formatProxyHeader(header);
}

/** Both ends of a header are of one family. */
function toV6(address: string): string {
  if (address.includes(':')) return address;
  const octets = Buffer.from(address.split('.').map(Number));
  return `::ffff:${octets.readUInt16BE(0).toString(16)}:${octets.readUInt16BE(2).toString(16)}`;
}
