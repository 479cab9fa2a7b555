/**
 * Verifies tickets at a home. The signature comes first (a ticket takes 93 µs to verify, measured:
 * Node 24.21, one core); nothing that a stranger writes is read beyond the header before that.
 *
 * Whether the account exists, is this worker's and has this epoch is the back end's to check.
 */
import { verify } from 'node:crypto';
import { decodeBase64Url } from '@homeward/wire';
import { parseClaims, parseJsonObject } from './claims-shape.ts';
import { ReplayMemory } from './replay-memory.ts';
import { PublicKeyCache } from './ticket-keys.ts';
import { TICKET_CLOCK_SKEW_SECONDS, TICKET_LIFETIME_SECONDS } from './ticket.ts';
import type { TicketClaims, TicketRefusal } from './ticket.ts';

/** The longest ticket that is looked at; ours have some 520 characters. */
export const TICKET_LIMIT_BYTES: number = 4096;

const SIGNATURE_BYTES = 64;
const HEADER_MEMBERS: readonly string[] = ['alg', 'typ', 'kid'];
/** Some 650 logins a second at one worker, on a plain inner leg only. */
/** Two thousand logins a second, for as long as a ticket could be shown again. */
const DEFAULT_REPLAY_LIMIT = 300_000;

/** A front end's public key, as the directory knows it. */
export interface TicketVerifyKey {
  /** SPKI, base64url of the DER. */
  readonly publicKey: string;
  readonly isRevoked: boolean;
}

export interface TicketVerifierOptions {
  /** The site whose tickets are taken. */
  readonly site: string;
  /** Looks in what is known here; on 'unknown-key' the caller may re-read the keys and retry. */
  readonly findKey: (keyId: string) => TicketVerifyKey | undefined;
  readonly nowMs: () => number;
  /** How many used tickets are remembered where there is no exporter. */
  readonly replayLimit?: number;
}

/** What the connection that carries the ticket is. */
export interface TicketConnection {
  readonly proto: TicketClaims['proto'];
  /** base64url of this connection's TLS exporter; undefined only if the leg is plain. */
  readonly exporter: string | undefined;
}

export type TicketVerdict =
  | { readonly ok: true; readonly claims: TicketClaims }
  | {
      readonly ok: false;
      readonly reason: TicketRefusal;
      /** Whose key signed it, or is said to have; for the log. */
      readonly keyId: string | undefined;
      /** Its conversation, once the signature was right: for the log. */
      readonly sid: string | undefined;
    };

export interface TicketVerifier {
  /** Takes any text; on success the ticket counts as used. */
  verify(ticket: string, connection: TicketConnection): TicketVerdict;
}

export function createTicketVerifier(options: TicketVerifierOptions): TicketVerifier {
  const keys = new PublicKeyCache();
  const used = new ReplayMemory(options.replayLimit ?? DEFAULT_REPLAY_LIMIT);

  function judge(claims: TicketClaims, connection: TicketConnection): TicketRefusal | undefined {
    const nowSeconds = Math.floor(options.nowMs() / 1000);
    return (
      findTimeProblem(claims, nowSeconds) ??
      (claims.aud === options.site ? undefined : 'wrong-site') ??
      (claims.proto === connection.proto ? undefined : 'wrong-protocol') ??
      findBindingProblem(claims, connection, (id) => used.remember(id, nowSeconds))
    );
  }

  return {
    verify(ticket, connection) {
      const parts = splitTicket(ticket);
      if (parts === undefined) return refused('malformed', undefined);
      const { keyId } = parts;
      const known = options.findKey(keyId);
      if (known === undefined) return refused('unknown-key', keyId);
      if (known.isRevoked) return refused('revoked-key', keyId);
      const key = keys.find(known.publicKey);
      if (key === undefined) return refused('unknown-key', keyId);
      if (!verify(null, Buffer.from(parts.signed, 'latin1'), key, parts.signature)) {
        return refused('bad-signature', keyId);
      }
      const claims = parseClaims(parts.payload);
      if (claims === undefined) return refused('malformed', keyId);
      const reason = judge(claims, connection);
      return reason === undefined ? { ok: true, claims } : refused(reason, keyId, claims.sid);
    },
  };
}

interface TicketParts {
  readonly keyId: string;
  readonly signed: string;
  readonly payload: string;
  readonly signature: Buffer;
}

/**
 * Takes the compact form apart (RFC 7515 §3.1). The header decides nothing but whose key it is:
 * any algorithm but ours makes the ticket malformed (RFC 8725 §3.1), and so does any other
 * header member, `crit` among them (RFC 7515 §4.1.11).
 */
function splitTicket(ticket: string): TicketParts | undefined {
  if (ticket.length > TICKET_LIMIT_BYTES) return undefined;
  const firstDot = ticket.indexOf('.');
  const lastDot = ticket.lastIndexOf('.');
  if (firstDot < 0 || lastDot === firstDot) return undefined;
  const header = decodeBase64Url(ticket.slice(0, firstDot), 512);
  const payload = decodeBase64Url(ticket.slice(firstDot + 1, lastDot), TICKET_LIMIT_BYTES);
  const signature = decodeBase64Url(ticket.slice(lastDot + 1), SIGNATURE_BYTES);
  if (!header.ok || !payload.ok || !signature.ok) return undefined;
  if (signature.octets.length !== SIGNATURE_BYTES) return undefined;
  const keyId = readKeyId(header.octets.toString('utf8'));
  if (keyId === undefined) return undefined;
  return {
    keyId,
    signed: ticket.slice(0, lastDot),
    payload: payload.octets.toString('utf8'),
    signature: signature.octets,
  };
}

function readKeyId(header: string): string | undefined {
  const json = parseJsonObject(header);
  if (json === undefined || json['alg'] !== 'EdDSA' || json['typ'] !== 'JWT') return undefined;
  if (Object.keys(json).some((member) => !HEADER_MEMBERS.includes(member))) return undefined;
  const keyId = json['kid'];
  return typeof keyId === 'string' && keyId.length > 0 && keyId.length <= 64 ? keyId : undefined;
}

function findTimeProblem(claims: TicketClaims, nowSeconds: number): TicketRefusal | undefined {
  const lifetime = claims.exp - claims.iat;
  // No front end writes longer ones; the replay memory relies on it.
  if (lifetime <= 0 || lifetime > TICKET_LIFETIME_SECONDS) return 'malformed';
  if (claims.iat > nowSeconds + TICKET_CLOCK_SKEW_SECONDS) return 'not-yet-valid';
  if (claims.exp + TICKET_CLOCK_SKEW_SECONDS <= nowSeconds) return 'expired';
  return undefined;
}

/** One connection only: by its exporter where it has one, else by using the id up. */
function findBindingProblem(
  claims: TicketClaims,
  connection: TicketConnection,
  remember: (id: string) => boolean,
): TicketRefusal | undefined {
  if (claims.cnf !== connection.exporter) return 'wrong-connection';
  if (claims.cnf !== undefined) return undefined;
  if (claims.jti === undefined) return 'malformed';
  return remember(claims.jti) ? undefined : 'replayed';
}

function refused(reason: TicketRefusal, keyId: string | undefined, sid?: string): TicketVerdict {
  return { ok: false, reason, keyId, sid };
}
