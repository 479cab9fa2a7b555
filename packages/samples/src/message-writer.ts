/** Writes whole messages (RFC 5322): origin, destination, identification, trace. */
import { type Entity, type Field, writeEntity } from './entity.ts';
import type { Person } from './people.ts';
import type { SeededRandom } from './seeded-random.ts';
import { encodeHeaderText } from './transfer-encoding.ts';

/** What a letter says on its envelope. */
export interface Letter {
  readonly from: Person;
  readonly to: readonly Person[];
  readonly cc?: readonly Person[];
  /** Undefined: no Subject field at all. */
  readonly subject: string | undefined;
  readonly dateMs: number;
  readonly messageId: string;
  /** Message-IDs of the conversation so far, oldest first. */
  readonly references?: readonly string[];
  /** Further fields, in front of those of the content. */
  readonly fields?: readonly Field[];
  readonly content: Entity;
}

/** A Message-ID that no other message of the same seed has. */
export function createMessageId(random: SeededRandom, from: Person): string {
  return `<${random.hex(8)}.${random.hex(12)}@${hostOf(from)}>`;
}

function hostOf(person: Person): string {
  return person.address.slice(person.address.indexOf('@') + 1);
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const monthNames = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** RFC 5322 §3.3, on a clock that is `zoneMinutes` ahead of UTC. */
export function formatDate(timeMs: number, zoneMinutes: number): string {
  const local = new Date(timeMs + zoneMinutes * 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${dayNames[local.getUTCDay()]}, ${local.getUTCDate()}`;
  const month = `${monthNames[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two);
  const zone = Math.abs(zoneMinutes);
  const sign = zoneMinutes < 0 ? '-' : '+';
  return `${day} ${month} ${time.join(':')} ${sign}${two(Math.floor(zone / 60))}${two(zone % 60)}`;
}

/** One address with its display name. */
export function formatAddress({ name, address }: Person): string {
  if (/^[\w ]+$/.test(name)) return `${name} <${address}>`;
  if (/^[\x20-\x7e]*$/.test(name)) return `"${name.replaceAll(/["\\]/g, '\\$&')}" <${address}>`;
  return `${encodeHeaderText(name)} <${address}>`;
}

/** Addresses, one to a line. */
export function formatAddresses(persons: readonly Person[]): string {
  return persons.map(formatAddress).join(',\r\n ');
}

/** The message as its author's program makes it. */
export function writeMessage(letter: Letter): Buffer {
  const { from, to, cc = [], subject, dateMs, messageId, references = [], content } = letter;
  const fields: Field[] = [['From', formatAddress(from)]];
  if (to.length > 0) fields.push(['To', formatAddresses(to)]);
  if (cc.length > 0) fields.push(['Cc', formatAddresses(cc)]);
  if (subject !== undefined) fields.push(['Subject', encodeHeaderText(subject)]);
  fields.push(['Date', formatDate(dateMs, from.zoneMinutes)], ['Message-ID', messageId]);
  const last = references.at(-1);
  if (last !== undefined) {
    fields.push(['In-Reply-To', last], ['References', references.join('\r\n ')]);
  }
  fields.push(...(letter.fields ?? []), ['MIME-Version', '1.0'], ...content.fields);
  return Buffer.from(writeEntity({ fields, body: content.body }), 'latin1');
}

/** Puts in front what servers add on the way. */
export function addTrace(
  message: Buffer,
  from: Person,
  to: Person,
  timeMs: number,
  random: SeededRandom,
): Buffer {
  const host = hostOf(from);
  const id = random.hex(12).toUpperCase();
  const address = `198.51.100.${1 + random.below(250)}`;
  const trace = [
    `Return-Path: <${from.address}>`,
    `Delivered-To: ${to.address}`,
    `Received: from mail.${host} (mail.${host} [${address}])`,
    `\tby mx.example.test with ESMTPS id ${id}`,
    `\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384)`,
    `\tfor <${to.address}>; ${formatDate(timeMs, 0)}`,
  ];
  return Buffer.concat([Buffer.from(`${trace.join('\r\n')}\r\n`), message]);
}
