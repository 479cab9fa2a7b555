/**
 * The connection to a source over IMAP, by imapflow. It holds one client at a time and makes a
 * new one when that is lost. Certificates are verified unless the operator said otherwise, and
 * nothing secret goes over a connection without TLS unless the operator said so.
 */
import { readFile } from 'node:fs/promises';
import { ImapFlow } from 'imapflow';
import { ConnectionLostError } from '../../output/connection-lost-error.ts';
import { EXIT_CODES, OperatorError } from '../../output/operator-error.ts';
import type { SourceAddress } from './source-address.ts';
import type { SourceSecret } from './source-secret.ts';

export interface ImapLinkOptions {
  readonly address: SourceAddress;
  readonly user: string;
  readonly secret: SourceSecret;
  /** PEM; nothing else is believed then. */
  readonly caFile: string | undefined;
  /** The name that the certificate must carry, where it is not the host's. */
  readonly serverName: string | undefined;
  readonly acceptsAnyCertificate: boolean;
  readonly isWithoutTls: boolean;
}

const CONNECT_LIMIT_MS = 30_000;
/** A server may search for long before it says anything. */
const SILENCE_LIMIT_MS = 5 * 60_000;
/** We never ask for more than a few MB at once; sizes that a server tells may be wrong. */
const LITERAL_BYTES = 64 * 1024 * 1024;

/** A source's connection. Close it. */
export class ImapLink {
  readonly #options: ImapLinkOptions;
  #client: ImapFlow | undefined;

  constructor(options: ImapLinkOptions) {
    this.#options = options;
  }

  /** `imaps://host:port`, for people. */
  get place(): string {
    const { host, port } = this.#options.address;
    return `${host}:${port}`;
  }

  /** What tells one source of octets from another. */
  get identity(): string {
    return `${this.#options.user}@${this.place}`;
  }

  /** The client that is there. @throws ConnectionLostError if there is none. */
  get client(): ImapFlow {
    if (this.#client?.usable !== true) throw this.#lost('');
    return this.#client;
  }

  /** Connects, also in place of a connection that was lost. @throws OperatorError */
  async open(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    const client = new ImapFlow(await this.#clientOptions());
    // What goes wrong is told by the call that waits for it.
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      client.close();
      throw this.#explainConnecting(error);
    }
    this.#client = client;
  }

  /** What a call's error means: gone, worth another try, or for the operator. */
  explain(error: unknown, what: string): OperatorError {
    if (error instanceof OperatorError) return error;
    const fault = asFault(error);
    const isLost = this.#client?.usable !== true || LOST_CODES.has(fault.code);
    if (isLost) return this.#lost(`: ${fault.text}`);
    return new OperatorError(`${this.place}: ${what}: ${fault.text}`);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client?.usable === true) await client.logout().catch(() => {});
    client?.close();
  }

  #lost(detail: string): ConnectionLostError {
    return new ConnectionLostError(`the connection to ${this.place} was lost${detail}`);
  }

  async #clientOptions(): Promise<ConstructorParameters<typeof ImapFlow>[0]> {
    const { address, user, secret, caFile, serverName, acceptsAnyCertificate, isWithoutTls } =
      this.#options;
    const given = await secret();
    return {
      host: address.host,
      port: address.port,
      secure: address.tls === 'implicit' && !isWithoutTls,
      doSTARTTLS: address.tls === 'starttls' && !isWithoutTls,
      ...(serverName !== undefined && { servername: serverName }),
      auth: 'password' in given ? { user, pass: given.password } : { user, ...given },
      tls: {
        minVersion: 'TLSv1.2',
        rejectUnauthorized: !acceptsAnyCertificate,
        ...(caFile !== undefined && { ca: await readCa(caFile) }),
      },
      logger: false,
      disableAutoIdle: true,
      // Neither is of use to who reads everything once.
      disableAutoEnable: true,
      disableBinary: true,
      connectionTimeout: CONNECT_LIMIT_MS,
      greetingTimeout: CONNECT_LIMIT_MS,
      socketTimeout: SILENCE_LIMIT_MS,
      maxLiteralSize: LITERAL_BYTES,
      maxResponseSize: 2 * LITERAL_BYTES,
    };
  }

  #explainConnecting(error: unknown): OperatorError {
    const { code, text, isLoginRefusal } = asFault(error);
    if (isLoginRefusal) {
      return new OperatorError(
        `${this.place} refused the login of ${this.#options.user}: ${text}; check user and password`,
        EXIT_CODES.refused,
      );
    }
    const remedy = /STARTTLS/.test(text) ? NO_STARTTLS : (REMEDIES.get(code) ?? '');
    return new OperatorError(`${this.place} cannot be reached: ${text}${remedy}`);
  }
}

/** A client whose socket is gone fails calls by these for a while before it says that it is. */
const LOST_CODES: ReadonlySet<string | undefined> = new Set([
  'NoConnection',
  'EConnectionClosed',
  'StateLogout',
  'ETHROTTLE',
]);

const NO_STARTTLS = '; use imaps://, or go without TLS by --no-tls';
const UNTRUSTED =
  '; give the authority that issued its certificate by --ca-file, or accept any by --any-certificate';

const REMEDIES: ReadonlyMap<string | undefined, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['CERT_HAS_EXPIRED', '; have it renewed, or accept any certificate by --any-certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', '; give the name in its certificate by --server-name'],
  ['ECONNREFUSED', '; is it running, and is this its port?'],
  ['ENOTFOUND', '; is the name right?'],
]);

interface Fault {
  readonly code: string | undefined;
  readonly text: string;
  readonly isLoginRefusal: boolean;
}

function asFault(error: unknown): Fault {
  if (!(error instanceof Error)) throw error;
  const { code, responseText, authenticationFailed } = error as Error & {
    readonly code?: string;
    readonly responseText?: string;
    readonly authenticationFailed?: boolean;
  };
  const text = (responseText ?? error.message) || code || 'unknown';
  return { code, text, isLoginRefusal: authenticationFailed === true };
}

async function readCa(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new OperatorError(`--ca-file: ${file} cannot be read (${code})`, EXIT_CODES.badData);
  }
}
