/**
 * One connection to one smart host, logged in, used for one message at a time. nodemailer speaks
 * SMTP and makes every line end CRLF, a bare CR or LF too; this says who the server must be, what
 * MAIL and RCPT carry, and how long each step may take.
 */
import type { X509Certificate } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ClientTls, NetClock } from '@homeward/net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { HostFailure } from './host-failure.ts';
import { type CreateTls, readLogin, readTrust } from './host-secrets.ts';
import { asFailure, readVerdict, type Stage } from './nodemailer-errors.ts';
import { NodemailerLink } from './nodemailer-link.ts';
import { type Offer, readOffer } from './offer.ts';
import { portOf, type SmartHostSettings } from './relay-settings.ts';
import {
  findObstacle,
  formatMail,
  formatRcpt,
  type Transaction,
  type Verdict,
} from './transaction.ts';

export interface SmtpClientOptions {
  readonly host: SmartHostSettings;
  /** What we call ourselves; empty: the machine's name. */
  readonly name: string;
  /** For each of connecting and logging in. */
  readonly connectLimitMs: number;
  readonly clock: NetClock;
  readonly createTls: CreateTls;
}

/** RFC 5321 §4.5.3.2: a server may take five minutes for MAIL and for RCPT… */
const ENVELOPE_LIMIT_MS = 300_000;
/** …and ten for its last word. Nothing at all for so long ends the connection. */
const SILENCE_LIMIT_MS = 600_000;
/** Against a server that takes a message an octet at a time. */
const MESSAGE_LIMIT_MS = 3_600_000;
const FAREWELL_LIMIT_MS = 2_000;
const REPLY_LIMIT_BYTES = 65_536;

export class SmtpClient {
  readonly #link: NodemailerLink;
  readonly #clock: NetClock;
  readonly #offer: Offer;
  #isLeaving = false;

  private constructor(link: NodemailerLink, clock: NetClock, offer: Offer) {
    this.#link = link;
    this.#clock = clock;
    this.#offer = offer;
  }

  /** Connected, with TLS as it must be, and logged in. @throws HostFailure, Interrupted */
  static async open(options: SmtpClientOptions, signal: AbortSignal): Promise<SmtpClient> {
    const { host, clock, connectLimitMs } = options;
    const trust = await readTrust(host, options.createTls);
    const login = await readLogin(host);
    const link = new NodemailerLink(connectionOptions(options, trust), clock);
    let stage: Stage = 'connect';
    try {
      const bounds = { limitMs: connectLimitMs, signal };
      await link.run<void>(bounds, (done) => link.smtp.connect((error) => done(error)));
      if (trust?.isPinned(shownCertificate(link.smtp)) === false) {
        throw new HostFailure('tls', 'its key is not pinned');
      }
      // The link has heard nothing else since.
      const offer = readOffer(String(link.smtp.lastServerResponse));
      stage = 'login';
      if (login !== undefined) await logIn(link, offer, login, bounds);
      return new SmtpClient(link, clock, offer);
    } catch (error) {
      link.smtp.close();
      throw asFailure(error, stage);
    }
  }

  /** Whether it can take another message. */
  get isUsable(): boolean {
    return !this.#isLeaving && this.#link.isOpen;
  }

  /**
   * Offers a message. One at a time.
   *
   * @throws HostFailure, MessageFault, Interrupted; it is closed then.
   */
  async send(transaction: Transaction, signal: AbortSignal): Promise<Verdict> {
    const answer = findObstacle(transaction, this.#offer);
    if (answer !== undefined) return { kind: 'turned-away', answer };
    let stage: Stage = 'envelope';
    const enter = (next: Stage): void => {
      stage = next;
      this.#link.limit(MESSAGE_LIMIT_MS);
      if (next === 'sent') this.#link.noteSent();
    };
    try {
      const verdict = await this.#transact(transaction, signal, enter, () => stage);
      if (stage === 'envelope') await this.#reset(signal);
      return verdict;
    } catch (error) {
      this.close();
      throw asFailure(error, stage);
    }
  }

  /** Says goodbye; bounded in time. */
  quit(): void {
    if (!this.isUsable) return this.close();
    this.#isLeaving = true;
    this.#link.smtp.quit();
    this.#clock.after(FAREWELL_LIMIT_MS, () => this.close());
  }

  /** At once; what is under way fails. */
  close(): void {
    this.#isLeaving = true;
    this.#link.smtp.close();
  }

  async #transact(
    transaction: Transaction,
    signal: AbortSignal,
    enter: (stage: Stage) => void,
    stage: () => Stage,
  ): Promise<Verdict> {
    const addresses = transaction.recipients.map(({ address }) => address);
    this.#link.useLines({
      mail: formatMail(transaction, this.#offer),
      recipients: transaction.recipients.map((recipient) => formatRcpt(recipient, this.#offer)),
    });
    const message = Readable.from(follow(transaction, enter), { objectMode: false });
    const envelope = { from: transaction.sender, to: addresses };
    const verdict = await this.#link.run<Verdict>(
      { limitMs: ENVELOPE_LIMIT_MS, signal },
      (done) => {
        this.#link.smtp.send(envelope, message, (error, info) => {
          const response = error ? undefined : info.response;
          const refusals = this.#link.refusals();
          const isNotifyPassedOn = this.#offer.has('DSN');
          const end = { addresses, refusals, isNotifyPassedOn, stage: stage(), error, response };
          const read = readVerdict(end);
          done(read === undefined ? (error ?? new Error('a reply that is none')) : null, read);
        });
      },
    );
    if (verdict === undefined) throw new HostFailure('protocol', 'no answer');
    return verdict;
  }

  /** After an envelope that led to no message. The verdict stands, whatever comes of this. */
  async #reset(signal: AbortSignal): Promise<void> {
    if (!this.isUsable) return;
    const bounds = { limitMs: FAREWELL_LIMIT_MS, signal };
    try {
      await this.#link.run<boolean>(bounds, (done) => this.#link.smtp.reset(done));
    } catch {
      this.close();
    }
  }
}

function connectionOptions(
  { host, name, connectLimitMs }: SmtpClientOptions,
  trust: ClientTls | undefined,
): SMTPConnection.Options {
  return {
    host: host.host,
    port: portOf(host),
    secure: host.tls === 'implicit',
    requireTLS: host.tls === 'starttls',
    ignoreTLS: host.tls === 'off',
    ...(host.serverName !== '' && { servername: host.serverName }),
    ...(name !== '' && { name }),
    ...(trust && { tls: { secureContext: trust.context, rejectUnauthorized: trust.isVerifying } }),
    allowInternalNetworkInterfaces: true,
    connectionTimeout: connectLimitMs,
    greetingTimeout: connectLimitMs,
    dnsTimeout: connectLimitMs,
    socketTimeout: SILENCE_LIMIT_MS,
    socketCloseTimeout: FAREWELL_LIMIT_MS,
    maxResponseSize: REPLY_LIMIT_BYTES,
  };
}

async function logIn(
  link: NodemailerLink,
  offer: Offer,
  login: { readonly user: string; readonly pass: string },
  bounds: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  if (!offer.has('AUTH')) throw new HostFailure('login', 'it offers no login');
  await link.run<boolean>(bounds, (done) => link.smtp.login(login, done));
}

/** The message's octets; says when the host has asked for them, and when all are handed over. */
async function* follow(
  transaction: Transaction,
  enter: (stage: Stage) => void,
): AsyncGenerator<Uint8Array> {
  enter('content');
  yield* transaction.readMessage();
  enter('sent');
}

function shownCertificate({ _socket: socket }: SMTPConnection): X509Certificate | undefined {
  if (!socket || !('getPeerX509Certificate' in socket)) return undefined;
  return (
    socket as { getPeerX509Certificate(): X509Certificate | undefined }
  ).getPeerX509Certificate();
}
