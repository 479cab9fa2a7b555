/**
 * Sites that run other software (Dovecot, Cyrus, Courier, Exchange): where they listen, how they
 * are recognised, and how an account is logged in there. Such a site has no workers and no shard
 * table; whichever of its hosts is asked serves every account.
 *
 * No secret is in the record: it names secrets that each front end has in files of its own.
 */

/** One place where a site listens. */
export interface SiteHost {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

/** How a leg to a site is encrypted. `starttls` ends the attempt where it is not to be had. */
export type DoorTls = 'implicit' | 'starttls' | 'none';

/** Where a site serves one protocol. */
export interface ForeignDoor {
  /** 1 to 32; an account keeps to one of them as long as that answers. */
  readonly hosts: readonly SiteHost[];
  readonly tls: DoorTls;
}

/** How a front end knows the site, and shows itself. */
export interface ForeignTrust {
  /** PEM of the authorities; undefined: the public ones, or with pins the pins alone. */
  readonly ca?: string | undefined;
  /** base64 of SHA-256 of the certificate's public key (SPKI, RFC 7469 §2.4); any of them. */
  readonly pins?: readonly string[] | undefined;
  /** Which of the front end's `homes.clientCertificates` is shown. */
  readonly clientCertificate?: string | undefined;
}

/** How an account is logged in. */
export type ForeignLogin =
  /** By a ticket (OAUTHBEARER): the site verifies Homeward's signatures. */
  | { readonly kind: 'ticket' }
  /** By somebody who may open all mailboxes there. */
  | {
      readonly kind: 'master';
      readonly user: string;
      /** Which of the front end's `homes.secrets` is the password. */
      readonly secret: string;
      /**
       * How both names are said: the account as authorization identity of PLAIN (RFC 4616), or
       * one login name, the account, `separator`, the master (Dovecot, Courier).
       */
      readonly form: 'authzid' | 'joined';
      /** Default "*". */
      readonly separator?: string | undefined;
    }
  /** By the client's own password, which the site judges. */
  | { readonly kind: 'pass-through' };

/** How a site learns who the client is. `protocol`: IMAP ID, XCLIENT where they are offered. */
export type ClientIdentity = 'none' | 'protocol' | 'proxy-v2';

/** What makes a site a foreign one. */
export interface ForeignSite {
  /** Undefined: the site does not serve that protocol. */
  readonly imap?: ForeignDoor | undefined;
  readonly pop3?: ForeignDoor | undefined;
  readonly submission?: ForeignDoor | undefined;
  readonly trust: ForeignTrust;
  readonly login: ForeignLogin;
  /** Template of the login name there: `{address}`, `{local}`, `{domain}`. */
  readonly loginName: string;
  readonly clientIdentity: ClientIdentity;
}

export const DEFAULT_HOME_LOGIN_NAME = '{address}';
export const DEFAULT_MASTER_SEPARATOR = '*';
/** How secrets and certificates of a front end are named in site records. */
export const SECRET_NAME: RegExp = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

const HOST_COUNT_LIMIT = 32;
const NAME_LIMIT_CHARACTERS = 256;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?$|^::1?$/;
const PIN = /^[A-Za-z0-9+/]{43}=$/;
/** No control characters: they would end the line in which a name is said. */
const PRINTABLE = /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u;

/** What is wrong with a foreign site, in a sentence; undefined if it can be stored. */
export function findForeignProblem(site: ForeignSite): string | undefined {
  const { imap, pop3, submission } = site;
  if ((imap ?? pop3 ?? submission) === undefined) return 'the site serves no protocol';
  return (
    findDoorProblem('IMAP', imap) ??
    findDoorProblem('POP3', pop3) ??
    findDoorProblem('submission', submission) ??
    findTrustProblem(site.trust) ??
    findLoginProblem(site.login) ??
    findTemplateProblem(site.loginName)
  );
}

function findDoorProblem(protocol: string, door: ForeignDoor | undefined): string | undefined {
  if (door === undefined) return undefined;
  const { hosts } = door;
  if (hosts.length === 0 || hosts.length > HOST_COUNT_LIMIT) {
    return `${protocol} has ${hosts.length} hosts; give 1 to ${HOST_COUNT_LIMIT}`;
  }
  const stray = hosts.find(({ host, port }) => !HOST.test(host) || port < 1 || port > 65_535);
  if (stray !== undefined) return `"${stray.host}:${stray.port}" is no host and port`;
  const names = new Set(hosts.map(({ host, port }) => `${host.toLowerCase()} ${port}`));
  return names.size === hosts.length ? undefined : `${protocol} has the same host twice`;
}

function findTrustProblem({ pins, clientCertificate }: ForeignTrust): string | undefined {
  const stray = pins?.find((pin) => !PIN.test(pin));
  if (stray !== undefined) return `"${stray}" is no pin: base64 of a SHA-256, 44 characters`;
  if (clientCertificate !== undefined && !SECRET_NAME.test(clientCertificate)) {
    return `"${clientCertificate}" is no name of a certificate; use a-z, 0-9, dot and hyphen`;
  }
  return undefined;
}

function findLoginProblem(login: ForeignLogin): string | undefined {
  if (login.kind !== 'master') return undefined;
  if (!isName(login.user)) return 'the master user has no name that can be said';
  if (!SECRET_NAME.test(login.secret)) {
    return `"${login.secret}" is no name of a secret; use a-z, 0-9, dot and hyphen`;
  }
  const { separator } = login;
  const isGood = separator === undefined || /^[!-~]{1,4}$/.test(separator);
  return isGood ? undefined : 'the separator has 1 to 4 characters of ASCII, none of them a space';
}

function findTemplateProblem(template: string): string | undefined {
  if (!isName(template)) return 'the template of the login name cannot be said';
  const stray = /\{(?!(?:address|local|domain)\})[^}]*\}?/.exec(template)?.[0];
  if (stray !== undefined) {
    return `the template of the login name says ${stray}; it knows {address}, {local}, {domain}`;
  }
  if (!template.includes('{')) return 'the template of the login name is the same for everybody';
  return undefined;
}

function isName(text: string): boolean {
  return text.length <= NAME_LIMIT_CHARACTERS && PRINTABLE.test(text);
}
