/** What an operator says of a site of other software, as options, and what becomes of it. */
import { readFile } from 'node:fs/promises';
import {
  DEFAULT_HOME_LOGIN_NAME,
  type ClientIdentity,
  type DoorTls,
  type ForeignDoor,
  type ForeignLogin,
  type ForeignSite,
  type ForeignTrust,
  type Protocol,
  type SiteHost,
} from '@homeward/directory';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

export interface ForeignOptions {
  readonly imap?: readonly string[];
  readonly pop3?: readonly string[];
  readonly submission?: readonly string[];
  readonly tls?: DoorTls;
  /** In place of `tls`. */
  readonly submissionTls?: DoorTls;
  readonly allowPlaintext?: boolean;
  /** "none" removes it. */
  readonly caFile?: string;
  readonly pin?: readonly string[];
  readonly clientCertificate?: string;
  readonly login?: ForeignLogin['kind'];
  readonly masterUser?: string;
  readonly masterSecret?: string;
  readonly masterForm?: 'authzid' | 'joined';
  readonly masterSeparator?: string;
  readonly loginName?: string;
  readonly clientIdentity?: ClientIdentity;
}

const FOREIGN_KEYS: readonly (keyof ForeignOptions)[] = [
  'imap',
  'pop3',
  'submission',
  'tls',
  'submissionTls',
  'allowPlaintext',
  'caFile',
  'pin',
  'clientCertificate',
  'login',
  'masterUser',
  'masterSecret',
  'masterForm',
  'masterSeparator',
  'loginName',
  'clientIdentity',
];

/** Whether anything was said that only a site of other software has. */
export function isForeignSaid(options: ForeignOptions): boolean {
  return FOREIGN_KEYS.some((key) => options[key] !== undefined);
}

/** The ports that each protocol has by default (RFC 8314 §3, RFC 9051 §11.1, RFC 1939 §3). */
const PORTS: Readonly<Record<Protocol, Readonly<Record<DoorTls, number>>>> = {
  imap: { implicit: 993, starttls: 143, none: 143 },
  pop3: { implicit: 995, starttls: 110, none: 110 },
  submission: { implicit: 465, starttls: 587, none: 587 },
};

const BEFORE: ForeignSite = {
  trust: {},
  login: { kind: 'pass-through' },
  loginName: DEFAULT_HOME_LOGIN_NAME,
  clientIdentity: 'protocol',
};

/**
 * @param before What is said already; what is not named stays.
 * @throws OperatorError for what contradicts itself or cannot be read.
 */
export async function foreignFromOptions(
  options: ForeignOptions,
  before: ForeignSite = BEFORE,
): Promise<ForeignSite> {
  const { tls, submissionTls, allowPlaintext, loginName, clientIdentity } = options;
  if ([tls, submissionTls].includes('none') && allowPlaintext !== true) {
    throw usage(
      '--tls none sends passwords and mail in the clear; if the network in between is yours, add --allow-plaintext',
    );
  }
  const imap = door('imap', options, before.imap);
  const pop3 = door('pop3', options, before.pop3);
  const submission = door(
    'submission',
    { ...options, tls: submissionTls ?? tls },
    before.submission,
  );
  return {
    ...(imap !== undefined && { imap }),
    ...(pop3 !== undefined && { pop3 }),
    ...(submission !== undefined && { submission }),
    trust: await trust(options, before.trust),
    login: login(options, before.login),
    loginName: loginName ?? before.loginName,
    clientIdentity: clientIdentity ?? before.clientIdentity,
  };
}

function door(
  protocol: Protocol,
  options: Pick<ForeignOptions, Protocol> & { readonly tls?: DoorTls | undefined },
  before: ForeignDoor | undefined,
): ForeignDoor | undefined {
  const typed = options[protocol];
  const tls = options.tls ?? before?.tls ?? 'implicit';
  if (typed === undefined) return before === undefined ? undefined : { ...before, tls };
  if (typed.length === 1 && typed[0] === 'none') return undefined;
  const hosts = typed.map((text) => parseSiteHost(text, PORTS[protocol][tls], `--${protocol}`));
  return { hosts, tls };
}

/** `mail.example.org`, `10.1.0.5:143`, `[2001:db8::5]:993`. @throws OperatorError if it is none. */
export function parseSiteHost(text: string, defaultPort: number, option: string): SiteHost {
  const groups = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/i.exec(
    text,
  )?.groups;
  const host = groups?.['v6'] ?? groups?.['name'];
  const port = groups?.['port'] === undefined ? defaultPort : Number(groups['port']);
  if (host === undefined || port < 1 || port > 65_535) {
    throw usage(`${option}: "${text}" is no host; give one like mail.example.org:993`);
  }
  return { host, port };
}

async function trust(options: ForeignOptions, before: ForeignTrust): Promise<ForeignTrust> {
  const { caFile, pin, clientCertificate } = options;
  const ca = caFile === undefined ? before.ca : await readAuthority(caFile);
  const pins = pin === undefined ? before.pins : isNone(pin) ? undefined : pin;
  const certificate =
    clientCertificate === undefined
      ? before.clientCertificate
      : clientCertificate === 'none'
        ? undefined
        : clientCertificate;
  return {
    ...(ca !== undefined && { ca }),
    ...(pins !== undefined && { pins }),
    ...(certificate !== undefined && { clientCertificate: certificate }),
  };
}

async function readAuthority(file: string): Promise<string | undefined> {
  if (file === 'none') return undefined;
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'it cannot be read';
    throw new OperatorError(`--ca-file: ${detail}`, EXIT_CODES.refused);
  }
  if (pem.includes('-----BEGIN CERTIFICATE-----') && !pem.includes('PRIVATE KEY')) return pem;
  throw new OperatorError(
    `--ca-file: ${file} holds no certificate in PEM, or a private key beside it`,
    EXIT_CODES.refused,
  );
}

function login(options: ForeignOptions, before: ForeignLogin): ForeignLogin {
  const { masterUser, masterSecret, masterForm, masterSeparator } = options;
  const kind = options.login ?? before.kind;
  const saysMaster = [masterUser, masterSecret, masterForm, masterSeparator].some(
    (said) => said !== undefined,
  );
  if (kind !== 'master') {
    if (saysMaster) throw usage('--master-… options need --login master');
    return { kind };
  }
  const known = before.kind === 'master' ? before : undefined;
  const user = masterUser ?? known?.user;
  const secret = masterSecret ?? known?.secret;
  if (user === undefined || secret === undefined) {
    throw usage(
      '--login master needs --master-user, and --master-secret: the name of its password in homes.secrets of each front end',
    );
  }
  const separator = masterSeparator ?? known?.separator;
  return {
    kind,
    user,
    secret,
    form: masterForm ?? known?.form ?? 'joined',
    ...(separator !== undefined && { separator }),
  };
}

function isNone(values: readonly string[]): boolean {
  return values.length === 1 && values[0] === 'none';
}

function usage(message: string): OperatorError {
  return new OperatorError(message, EXIT_CODES.usage);
}
