/** From what the system and OpenSSL say to the closed list of reasons why dialling failed. */

/** Closed list, goes to logs and metrics. */
export type DialFailure =
  /** Nobody listens there. */
  | 'refused'
  | 'timed-out'
  /** No route, or no such network. */
  | 'unreachable'
  /** The name has no address. */
  | 'unknown-host'
  /** The connection broke before it was ready. */
  | 'broken'
  /** The certificate is not from the authority that we trust, or is not valid now. */
  | 'tls-bad-certificate'
  /** The certificate is for another name. */
  | 'tls-wrong-name'
  /** The server's key is none of the pinned ones. */
  | 'tls-wrong-key'
  /** No TLS there, no common version, or the server refuses our certificate. */
  | 'tls-failed'
  | 'aborted'
  /** Out of descriptors, ports or memory: our own fault, not the peer's. */
  | 'out-of-resources';

const BY_CODE: Readonly<Record<string, DialFailure>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'timed-out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EINVAL: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EAI_FAIL: 'unknown-host',
  EAI_NODATA: 'unknown-host',
  EMFILE: 'out-of-resources',
  ENFILE: 'out-of-resources',
  ENOBUFS: 'out-of-resources',
  ENOMEM: 'out-of-resources',
  EADDRNOTAVAIL: 'out-of-resources',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-wrong-name',
  HOSTNAME_MISMATCH: 'tls-wrong-name',
};

// OpenSSL's X509_V_ERR_… names, as Node gives them in `code`.
const CERTIFICATE_CODE = /CERT|SIGNATURE|CRL|CHAIN|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/;

/** @param isInHandshake TCP was up, TLS was not. */
export function dialFailure(
  error: Error,
  isInHandshake: boolean,
): { readonly reason: DialFailure; readonly detail: string } {
  const code = codeOf(error);
  const known = BY_CODE[code];
  if (known !== undefined) return { reason: known, detail: code };
  if (!isInHandshake) return { reason: 'broken', detail: code };
  const isOpenSsl = code.startsWith('ERR_SSL_') || code === 'EPROTO' || code === 'ECONNRESET';
  const isCertificate = !isOpenSsl && CERTIFICATE_CODE.test(code);
  return { reason: isCertificate ? 'tls-bad-certificate' : 'tls-failed', detail: code };
}

// A name with several addresses fails with one error for each.
function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined) return error.code;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error ? codeOf(first) : error.name;
}
