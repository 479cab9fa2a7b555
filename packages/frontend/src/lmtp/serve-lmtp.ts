/** One LMTP connection of an MTA: the greeting, the session, the end. */
import type { SocketStream } from '@homeward/net';
import type { SessionEndReason } from '@homeward/sasl';
import { formatReply } from '@homeward/smtp/grammar';
import { createSmtpSession, type SessionEvent } from '@homeward/smtp/session';
import { type FanOutClient, type FanOutParts, FanOutPort } from './fan-out-port.ts';
import type { LmtpSettings } from './lmtp-settings.ts';

export interface ServeLmtpParts {
  readonly fanOut: FanOutParts;
  readonly settings: () => LmtpSettings;
  readonly breathe: () => Promise<void>;
  readonly observe: (client: FanOutClient, event: SessionEvent) => void;
  readonly onEnded: (client: FanOutClient, reason: string, durationMs: number) => void;
  /** A bug. */
  readonly onFault: (error: unknown) => void;
}

/** A connection that is served. */
export interface LmtpConnection {
  /** Never rejects. */
  readonly done: Promise<void>;
  /** At the next safe point. */
  requestEnd(reason: SessionEndReason): void;
  destroy(): void;
}

const COMMAND_BYTES = 2_048;
const BAD_COMMAND_LIMIT = 10;
/**
 * Without DSN: an MTA takes a 250 for final delivery then, and reports success itself to who asked
 * for it (RFC 3461 §5.2.2); with it, it would leave that to us, where nothing is kept.
 */
const EXTENSIONS = ['8BITMIME', 'SMTPUTF8', 'CHUNKING'] as const;

/** Begins to serve; everything that goes wrong is dealt with here. */
export function serveLmtp(
  stream: SocketStream,
  client: FanOutClient,
  parts: ServeLmtpParts,
): LmtpConnection {
  const { serverName, maxMessageBytes, maxRecipients, idleSeconds } = parts.settings();
  const port = new FanOutPort(parts.fanOut, client);
  const session = createSmtpSession({
    stream,
    port,
    early: new Uint8Array(),
    options: {
      protocol: 'lmtp',
      extensions: EXTENSIONS,
      serverName,
      clientName: undefined,
      messageBytes: maxMessageBytes,
      recipientLimit: maxRecipients,
      commandBytes: COMMAND_BYTES,
      badCommandLimit: BAD_COMMAND_LIMIT,
      breathe: parts.breathe,
      elapsedMs: parts.fanOut.elapsedMs,
      observe: (event) => parts.observe(client, event),
    },
  });
  const serve = async (): Promise<void> => {
    const startedMs = parts.fanOut.elapsedMs();
    try {
      stream.setIdleLimit(idleSeconds * 1_000);
      await stream.write(formatReply(220, undefined, `${serverName} LMTP Homeward is ready.`));
      const reason = await session.run();
      parts.onEnded(client, reason, parts.fanOut.elapsedMs() - startedMs);
      await Promise.all([stream.end(), port.endTransaction()]);
    } catch (error) {
      parts.onFault(error);
      stream.destroy('failed');
    }
  };
  return {
    done: serve(),
    requestEnd: (reason) => session.requestEnd(reason),
    destroy: () => stream.destroy('shutting-down'),
  };
}
