/**
 * The accept step for listeners behind a load balancer: who is the client? The balancer says so
 * in a PROXY protocol header, and is believed if its own address is in the trusted networks.
 *
 * Deviation: the specification (§2) forbids to guess whether a header comes, since a stranger
 * could then choose its own address. `optional` guesses, but believes trusted networks only.
 */
import type { AcceptStep, ArrivingConnection, StepVerdict } from './accepting.ts';
import { type AwaitedHeader, awaitProxyHeader } from './await-proxy-header.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import { plainAddress, type ProxyFacts, type ProxyTlsFacts } from './peer-facts.ts';
import type { ProxyExtras, ProxyHeader } from './proxy-protocol/index.ts';
import { TrustedNetworks } from './trusted-networks.ts';

/**
 * `required`: every connection begins with a header. `optional`: those from trusted networks
 * may. `off`: none does.
 */
export type ProxyProtocolMode = 'required' | 'optional' | 'off';

export interface ProxyProtocolOptions {
  readonly mode: ProxyProtocolMode;
  /** CIDR, as `parseNetwork` takes it. Headers from elsewhere are refused. */
  readonly trustedNetworks: readonly string[];
  /** Default 3 s, which the specification gives for a lost packet to come again. */
  readonly headerLimitMs?: number;
}

export const DEFAULT_HEADER_LIMIT_MS: number = 3_000;

/**
 * Makes the step; one serves any number of listeners.
 *
 * In `optional` mode a peer in the trusted networks that sends no header, on a port where the
 * server speaks first, gets its greeting only after `headerLimitMs`: balancers want `required`.
 * Peers outside never wait.
 *
 * @throws TypeError for a text that is no network.
 */
export function createProxyProtocolStep(
  { mode, trustedNetworks, headerLimitMs = DEFAULT_HEADER_LIMIT_MS }: ProxyProtocolOptions,
  wheel: DeadlineWheel,
): AcceptStep {
  if (mode === 'off') return () => undefined;
  const networks = new TrustedNetworks(trustedNetworks);
  return (connection) => {
    const isTrusted = networks.has(connection.remote.address);
    if (mode === 'optional' && !isTrusted && !connection.clientSpeaksFirst) {
      connection.refusesLateHeader = true;
      return undefined;
    }
    return awaitProxyHeader(connection.socket, headerLimitMs, wheel).then((awaited) =>
      judge(awaited, connection, mode, isTrusted),
    );
  };
}

const NOT_TRUSTED = 'the address is not in the trusted networks';

function judge(
  awaited: AwaitedHeader,
  connection: ArrivingConnection,
  mode: 'required' | 'optional',
  isTrusted: boolean,
): StepVerdict {
  switch (awaited.kind) {
    case 'gone':
      return 'gone';
    case 'silence':
      return mode === 'optional' ? undefined : missing('nothing came within the limit', isTrusted);
    case 'other-octets':
      return mode === 'optional' ? undefined : missing('something else came', isTrusted);
    case 'malformed':
      if (!isTrusted) return { reason: 'proxy-header-from-stranger', detail: NOT_TRUSTED };
      return { reason: 'bad-proxy-header', detail: awaited.fault };
    case 'header':
      if (!isTrusted) return { reason: 'proxy-header-from-stranger', detail: NOT_TRUSTED };
      believe(awaited.header, connection);
      return undefined;
  }
}

function missing(what: string, isTrusted: boolean): StepVerdict {
  const detail = isTrusted ? what : `${what}, and ${NOT_TRUSTED}`;
  return { reason: 'proxy-header-missing', detail };
}

// Paths and datagrams name nobody whom limits and tickets could name: the socket's ends hold.
function believe({ command, ends, extras }: ProxyHeader, connection: ArrivingConnection): void {
  const isTcp = ends !== undefined && ends.family !== 'unix' && ends.transport === 'stream';
  const facts: ProxyFacts = {
    command,
    via: connection.remote,
    destination: isTcp ? ends.destination : undefined,
    uniqueId: extras.uniqueId,
    networkNamespace: extras.networkNamespace,
    hopsLeft: extras.hopsLeft,
    tls: tlsFacts(extras),
  };
  connection.proxy = facts;
  if (!isTcp) return;
  const { address, port } = ends.source;
  connection.remote = { address: plainAddress(address), port };
}

function tlsFacts({ tls, authority, alpn }: ProxyExtras): ProxyTlsFacts | undefined {
  if (tls === undefined || !tls.isEncrypted) return undefined;
  const hasCertificate = tls.hasCertificate || tls.hasSessionCertificate;
  return {
    version: tls.version,
    cipher: tls.cipher,
    serverName: authority,
    alpn,
    clientCertificate: hasCertificate
      ? {
          isVerified: tls.verifyResult === 0,
          commonName: tls.commonName,
          octets: tls.certificate,
        }
      : undefined,
  };
}
