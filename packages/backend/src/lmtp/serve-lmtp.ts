/**
 * One LMTP connection at a worker: the greeting, the session, the end. There is no login: who
 * connects has shown a certificate of the deployment's authority, or never came so far.
 */
import type { SocketStream } from '@homeward/net';
import { formatReply } from '@homeward/smtp/grammar';
import {
  createSmtpSession,
  type MailPort,
  type SessionEvent,
  type SmtpSession,
} from '@homeward/smtp/session';
import type { LiveSession } from '../connection/live-sessions.ts';

/** RFC 5321 §4.5.3.2.7. */
const IDLE_LIMIT_MS = 300_000;
const COMMAND_BYTES = 2_048;
const BAD_COMMAND_LIMIT = 10;

export interface LmtpParts {
  readonly createPort: () => MailPort;
  readonly serverName: () => string;
  readonly limits: { readonly messageBytes: number; readonly recipientLimit: number };
  readonly breathe: () => Promise<void>;
  readonly elapsedMs: () => number;
  readonly observe: (event: SessionEvent) => void;
  readonly onEnded: (remoteAddress: string, reason: string, durationMs: number) => void;
  /** A bug. */
  readonly onFault: (error: unknown) => void;
}

/** Begins to serve; everything that goes wrong is dealt with here. */
export function serveLmtp(stream: SocketStream, parts: LmtpParts): LiveSession {
  const { breathe, elapsedMs, observe, limits } = parts;
  const serverName = parts.serverName();
  const session = createSmtpSession({
    stream,
    port: parts.createPort(),
    early: new Uint8Array(),
    options: {
      protocol: 'lmtp',
      serverName,
      clientName: undefined,
      messageBytes: limits.messageBytes,
      recipientLimit: limits.recipientLimit,
      commandBytes: COMMAND_BYTES,
      badCommandLimit: BAD_COMMAND_LIMIT,
      breathe,
      elapsedMs,
      observe,
    },
  });
  return {
    isLoggedIn: false,
    done: serve(stream, session, serverName, parts),
    requestEnd: () => session.requestEnd('shutting-down'),
    destroy: () => stream.destroy('shutting-down'),
  };
}

async function serve(
  stream: SocketStream,
  session: SmtpSession,
  serverName: string,
  { elapsedMs, onEnded, onFault }: LmtpParts,
): Promise<void> {
  const startedMs = elapsedMs();
  const { address } = stream.remote;
  try {
    stream.setIdleLimit(IDLE_LIMIT_MS);
    await stream.write(formatReply(220, undefined, `${serverName} LMTP Homeward is ready.`));
    const reason = await session.run();
    onEnded(address, reason, elapsedMs() - startedMs);
    await stream.end();
  } catch (error) {
    onFault(error);
    stream.destroy('failed');
  }
}
