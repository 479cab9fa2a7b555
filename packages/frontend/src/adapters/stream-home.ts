/** Connections to the homes' workers over `net`: dialled with TLS, bound to by tickets. */
import {
  dial,
  type ClientTls,
  type DeadlineWheel,
  type DialFailure,
  type SocketStream,
} from '@homeward/net';
import { TICKET_EXPORTER_BYTES, TICKET_EXPORTER_LABEL } from '@homeward/ticket';
import type { OctetStream } from '@homeward/wire';
import type { DialOutcome, InnerConnection, InnerDialler } from '../login/ports.ts';

/** Owns the stream until it is destroyed or joined with a client's. */
export class StreamHome implements InnerConnection {
  readonly stream: SocketStream;

  constructor(stream: SocketStream) {
    this.stream = stream;
  }

  get exporter(): string | undefined {
    const octets = this.stream.exportKeyingMaterial(TICKET_EXPORTER_BYTES, TICKET_EXPORTER_LABEL);
    return octets && Buffer.from(octets).toString('base64url');
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

  destroy(): void {
    this.stream.destroy('conversation-over');
  }
}

export interface InnerDiallerOptions {
  /** For one dial, name look-up and TLS included. */
  readonly budgetMs: number;
  /** Without TLS where the site's record has a port for it. */
  readonly goesPlain: boolean;
  /** Told of each handshake, whether it resumed an earlier session. */
  readonly onTls: (isResumed: boolean) => void;
}

/** @param trust The deployment's own authority: no other certificate is believed. */
export function createInnerDialler(
  trust: ClientTls,
  wheel: DeadlineWheel,
  { budgetMs, goesPlain, onTls }: InnerDiallerOptions,
): InnerDialler {
  return {
    async dial({ host, port, plainPort, serverName }, signal): Promise<DialOutcome> {
      const isPlain = goesPlain && plainPort !== undefined;
      const addresses = [{ host, port: isPlain ? plainPort : port }];
      const tls = isPlain ? {} : { tls: { client: trust, serverName } };
      const dialled = await dial({ addresses, budgetMs, signal, ...tls }, wheel);
      if (dialled.ok) {
        if (!isPlain) onTls(dialled.stream.tls?.isResumed === true);
        return { ok: true, connection: new StreamHome(dialled.stream) };
      }
      const reason = isTlsFailure(dialled.reason) ? 'tls-failed' : 'unreachable';
      return { ok: false, reason, detail: `${dialled.reason} (${dialled.detail})` };
    },
  };
}

function isTlsFailure(failure: DialFailure): boolean {
  return failure.startsWith('tls-');
}
