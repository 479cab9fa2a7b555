/** A client's connection as a conversation sees it, over `net`'s stream. */
import {
  findChannelBinding,
  formatEndpoint,
  upgradeToTls,
  type DeadlineWheel,
  type Endpoint,
  type ServerTls,
  type SocketStream,
} from '@homeward/net';
import type { ChannelBindingType } from '@homeward/sasl';
import type { OctetStream } from '@homeward/wire';
import type { ClientConnection } from '../conversation/ports.ts';
import type { TlsFacts } from '../login/ports.ts';

/** What STARTTLS and STLS need. */
export interface UpgradeParts {
  readonly tls: ServerTls;
  readonly wheel: DeadlineWheel;
  /** Read when it begins. */
  readonly handshakeLimitMs: number;
  /** See `ServerTls.socketOptions`. */
  readonly alpn?: string;
}

/** Owns the stream until it is closed or joined with a home's. */
export class StreamClient implements ClientConnection {
  readonly stream: SocketStream;
  readonly #upgrade: UpgradeParts | undefined;
  #tls: TlsFacts | undefined;

  /**
   * @param upgrade Undefined where the connection cannot be upgraded.
   * @param believesBalancer Whether TLS that ended at a trusted balancer counts as the client's.
   */
  constructor(
    stream: SocketStream,
    upgrade: UpgradeParts | undefined,
    believesBalancer: boolean = false,
  ) {
    this.stream = stream;
    this.#upgrade = upgrade;
    this.#noteTls();
    if (believesBalancer) this.#tls = balancerTls(stream);
  }

  get remote(): Endpoint {
    return this.stream.remote;
  }

  get local(): Endpoint {
    return this.stream.local;
  }

  get connectedTo(): Endpoint {
    return this.stream.proxy?.destination ?? this.stream.local;
  }

  get hopsLeft(): number | undefined {
    return this.stream.proxy?.hopsLeft;
  }

  get via(): string | undefined {
    const { via } = this.stream;
    return via && formatEndpoint(via);
  }

  get peerEnded(): Promise<void> {
    return this.stream.peerEnded;
  }

  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  findChannelBinding(type: ChannelBindingType): Uint8Array | undefined {
    return findChannelBinding(this.stream, type);
  }

  read(): ReturnType<OctetStream['read']> {
    return this.stream.read();
  }

  write(octets: Uint8Array | string): Promise<void> | undefined {
    return this.stream.write(octets);
  }

  cork(): void {
    this.stream.cork();
  }

  uncork(): void {
    this.stream.uncork();
  }

  async startTls(): Promise<boolean> {
    if (this.#upgrade === undefined) return false;
    const { tls, handshakeLimitMs, wheel, alpn } = this.#upgrade;
    const outcome = await upgradeToTls(this.stream, tls, handshakeLimitMs, wheel, alpn);
    if (outcome.ok) this.#noteTls();
    return outcome.ok;
  }

  close(): Promise<void> {
    return this.stream.end();
  }

  destroy(): void {
    this.stream.destroy('conversation-over');
  }

  /** Asked of OpenSSL once: each question costs a call, and a closed socket knows no answer. */
  #noteTls(): void {
    const facts = this.stream.tls;
    this.#tls = facts && { version: facts.version, cipher: facts.cipher };
  }
}

/** A balancer need not say which version and cipher it was, only that there was TLS. */
function balancerTls({ proxyTls }: SocketStream): TlsFacts | undefined {
  if (proxyTls === undefined) return undefined;
  const { version = 'unknown', cipher = 'unknown' } = proxyTls;
  return { version, cipher };
}
