/**
 * The shape of a ticket's JSON: which claims there must be, of which type, how long. A signature
 * says who wrote a ticket; this says that what he wrote is one. Claims of a newer release that
 * this one does not know are passed over (RFC 7519 §4).
 */
import type { TicketClaims } from './ticket.ts';

const PROTOCOLS: readonly string[] = ['imap', 'pop3', 'submission'];

type Json = Readonly<Record<string, unknown>>;

/** @returns The claims, or undefined if `text` is not the JSON of a ticket. */
export function parseClaims(text: string): TicketClaims | undefined {
  const json = parseJsonObject(text);
  if (json === undefined) return undefined;
  const client = parseClient(json['client']);
  if (client === undefined) return undefined;
  if (!isText(json['sub'], 64) || !isText(json['aud'], 63)) return undefined;
  if (!isText(json['sid'], 128) || !isText(json['login'], 512)) return undefined;
  if (!isCount(json['iat']) || !isCount(json['exp']) || !isCount(json['epoch'])) return undefined;
  if (!isProtocol(json['proto'])) return undefined;
  if (!isOptionalText(json['act'], 64) || !isOptionalText(json['cnf'], 128)) return undefined;
  if (!isOptionalText(json['jti'], 64)) return undefined;
  // A word that is not known must not open more than its writer meant.
  if (json['access'] !== undefined && json['access'] !== 'read') return undefined;
  if (json['operator'] !== undefined && json['operator'] !== true) return undefined;
  const quota = parseQuota(json['quota']);
  if (quota === 'malformed') return undefined;
  return {
    sub: json['sub'],
    aud: json['aud'],
    iat: json['iat'],
    exp: json['exp'],
    epoch: json['epoch'],
    proto: json['proto'],
    sid: json['sid'],
    client,
    login: json['login'],
    act: json['act'],
    access: json['access'],
    quota,
    operator: json['operator'],
    cnf: json['cnf'],
    jti: json['jti'],
  };
}

/** @returns The object, or undefined if the text is not JSON or no object. */
export function parseJsonObject(text: string): Json | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // JSON.parse has no other way to say no.
    return undefined;
  }
  return isObject(value) ? value : undefined;
}

function parseClient(value: unknown): TicketClaims['client'] | undefined {
  if (!isObject(value)) return undefined;
  const { address, port, tls } = value;
  if (!isText(address, 64) || !isCount(port) || port > 65_535) return undefined;
  if (tls === undefined) return { address, port, tls };
  if (!isObject(tls)) return undefined;
  const { version, cipher } = tls;
  if (!isText(version, 32) || !isText(cipher, 64)) return undefined;
  return { address, port, tls: { version, cipher } };
}

function parseQuota(value: unknown): TicketClaims['quota'] | 'malformed' {
  if (value === undefined) return undefined;
  if (!isObject(value)) return 'malformed';
  const { bytes, messages } = value;
  if (!isOptionalCount(bytes) || !isOptionalCount(messages)) return 'malformed';
  return { bytes, messages };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= limit;
}

function isOptionalText(value: unknown, limit: number): value is string | undefined {
  return value === undefined || isText(value, limit);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isOptionalCount(value: unknown): value is number | undefined {
  return value === undefined || isCount(value);
}

function isProtocol(value: unknown): value is TicketClaims['proto'] {
  return typeof value === 'string' && PROTOCOLS.includes(value);
}
