/**
 * Whether a client has shown a certificate of the authority that it has to be from. `tls.Server`
 * looks at that itself; a TLSSocket that is made by hand goes on whatever was shown, and only wants
 * that something is.
 */
import type { TLSSocket } from 'node:tls';

/** What OpenSSL found; Node has no public way to ask a socket of a server for it. */
interface Verifying {
  readonly ssl?: { verifyError?(): Error | null | undefined } | null;
}

/** Ask it when the handshake is done. Without an answer nobody is let in. */
export function hasVerifiedPeer(socket: TLSSocket): boolean {
  const { ssl } = socket as Verifying;
  if (typeof ssl?.verifyError !== 'function') return false;
  // A session that is resumed has no error either, so there must be a certificate.
  return (
    (ssl.verifyError() ?? undefined) === undefined && socket.getPeerX509Certificate() !== undefined
  );
}
