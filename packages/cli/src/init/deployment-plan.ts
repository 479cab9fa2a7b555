/** What `homeward init` and the demo are to make: plain data, nothing is touched here. */
import type { SiteName } from '@homeward/directory';
import type { MailProtocol } from '@homeward/frontend';
import type { DirectoryConfig, LoggingConfig } from '@homeward/service';

/** Ports of one worker of a site; the plain ones are for measurements by direct login. */
export interface WorkerPorts {
  readonly imaps: number;
  readonly pop3s: number;
  readonly control?: number | undefined;
  readonly imap?: number | undefined;
  readonly pop3?: number | undefined;
  readonly submissions?: number | undefined;
  readonly submission?: number | undefined;
  readonly lmtps?: number | undefined;
}

export interface SitePlan {
  readonly name: SiteName;
  /** The name that its certificate carries and front ends verify. */
  readonly serverName: string;
  /** Where front ends find it. */
  readonly host: string;
  /** What it listens on. */
  readonly listenHost: string;
  readonly workers: readonly WorkerPorts[];
  readonly directLogin: boolean;
  /** Undefined: the default. */
  readonly stopWindowSeconds?: number | undefined;
}

export interface FrontEndPlan {
  readonly name: string;
  readonly listenHost: string;
  readonly ports: Readonly<Record<MailProtocol | `${MailProtocol}s`, number>>;
  readonly enabled: readonly MailProtocol[];
  /** Where MTAs of the same host hand in mail by LMTP; undefined: nowhere. */
  readonly lmtpPort?: number | undefined;
  readonly workers: number;
  /** Undefined: the default, for load balancers to see that it leaves. */
  readonly stopWindowSeconds?: number | undefined;
  /** Undefined: the ops port stays closed. */
  readonly opsPort: number | undefined;
}

/** Whose mail is here, and where the rest of it goes. */
export interface MailPlan {
  /** The accepted domain; an address in it that nobody has does not exist. */
  readonly domain: string;
  readonly smartHost: { readonly host: string; readonly port: number };
}

export interface DeploymentPlan {
  /** Absolute. */
  readonly folder: string;
  /** The public name. */
  readonly hostname: string;
  /** Certificates carry these as well. */
  readonly alternativeNames: readonly string[];
  readonly directory: DirectoryConfig;
  readonly frontEnds: readonly FrontEndPlan[];
  readonly sites: readonly SitePlan[];
  /** Told to the directory: accepted domains, authoritative. What is there stays. */
  readonly domains: readonly string[];
  /** For the configuration files. Undefined: the operator will say, live. */
  readonly mail?: MailPlan | undefined;
  readonly logging: LoggingConfig;
}

/** Where everything lies, from the deployment's folder. */
export const DEPLOYMENT_FILES = {
  operatorConfig: 'homeward.yaml',
  authority: { certFile: 'ca/ca.crt', keyFile: 'ca/ca.key' },
  operatorKey: 'keys/operator.key',
  operatorCertificate: { certFile: 'tls/operator.crt', keyFile: 'tls/operator.key' },
  directory: 'directory.db',
  protocolLog: 'protocol-log',
  /** Of TLS sessions of clients; the same for all front ends. */
  tlsTicketKeys: 'tls/ticket-keys',
  frontEndConfig: (name: string): string => `${frontEndStem(name)}.yaml`,
  frontEndKey: (name: string): string => `keys/${frontEndStem(name)}.key`,
  frontEndCertificate: (name: string): CertificatePaths => certificatePaths(frontEndStem(name)),
  /** By it the front end is let in at sites' control ports, to have sessions ended. */
  frontEndControlCertificate: (name: string): CertificatePaths =>
    certificatePaths(`control-${frontEndStem(name)}`),
  backEndConfig: (site: string): string => `backend-${site}.yaml`,
  /** By it other workers' LMTP ports take mail from the site. */
  siteControlCertificate: (site: string): CertificatePaths =>
    certificatePaths(`control-site-${site}`),
  siteCertificate: (site: string): CertificatePaths => certificatePaths(`site-${site}`),
  volume: (site: string): string => `mail/${site}`,
} as const;

interface CertificatePaths {
  readonly certFile: string;
  readonly keyFile: string;
}

function certificatePaths(stem: string): CertificatePaths {
  return { certFile: `tls/${stem}.crt`, keyFile: `tls/${stem}.key` };
}

/** The only one of most deployments is simply "frontend". */
function frontEndStem(name: string): string {
  return name === 'frontend' ? name : `frontend-${name}`;
}

/**
 * Back-end ports where Exchange has them (ProxyTargetPort): 1993 and 1995; what it has no number
 * of its own for follows. The next worker's are ten further.
 */
export function defaultWorkerPorts(index: number): WorkerPorts {
  const first = 1993 + index * 10;
  return {
    imaps: first,
    pop3s: first + 2,
    control: first + 4,
    submissions: first + 5,
    lmtps: first + 6,
  };
}
