/** The client's side of STARTTLS and STLS (RFC 3501 §6.2.1, RFC 2595): TLS over a dialled stream. */
import type { DeadlineWheel } from './deadline-wheel.ts';
import { attemptTls, type DialAddress, type DialTls } from './dial.ts';
import type { DialFailure } from './dial-failure.ts';
import type { SocketStream } from './socket-stream.ts';

export type ClientUpgradeOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: DialFailure; readonly detail: string };

/**
 * Encrypts a stream after its server has agreed. What came in plaintext and was not read yet is
 * dropped: a man in the middle may have put it there. The stream stays the same object; on
 * failure it is destroyed.
 *
 * @param address By which sessions are known; the one that was dialled.
 * @param limitMs For the handshake.
 */
export async function startClientTls(
  stream: SocketStream,
  address: DialAddress,
  tls: DialTls,
  { limitMs, signal }: { readonly limitMs: number; readonly signal?: AbortSignal | undefined },
  wheel: DeadlineWheel,
): Promise<ClientUpgradeOutcome> {
  const plain = stream.surrenderForTls();
  if (plain === undefined) return { ok: false, reason: 'broken', detail: 'closed before TLS' };
  const bounds = { limitMs, wheel, signal };
  const result = await attemptTls({ socket: plain }, address, tls, bounds);
  if (!('socket' in result)) {
    stream.destroy(result.reason);
    return { ok: false, ...result };
  }
  stream.resumeOverTls(result.socket);
  return { ok: true };
}
