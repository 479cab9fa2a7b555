/** The corpus: every message in `fixtures/` against what is written down beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { splitIntoOctets, splitRandomly } from '@homeward/testkit';
import { createMessageScanner, scanMessage } from './message-scanner.ts';
import type { Envelope, EnvelopeAddress, MessageShape, MimePart } from './message-shape.ts';
import { findSection } from './part-path.ts';

const folder = new URL('../fixtures/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.eml'))
  .map((file) => file.slice(0, -'.eml'.length));

function readFixture(file: string): Buffer {
  return readFileSync(new URL(file, folder));
}

/** Fields that say something, so that the expectations stay short. */
function dropUnset(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => {
      return value !== undefined && !(Array.isArray(value) && value.length === 0);
    }),
  );
}

function viewAddresses(addresses: readonly EnvelopeAddress[]): unknown {
  return addresses.map(({ name, route, mailbox, host }) =>
    [name, route, mailbox, host].map((field) => field ?? null),
  );
}

function viewEnvelope(envelope: Envelope): Record<string, unknown> {
  const { date, subject, inReplyTo, messageId } = envelope;
  const same = JSON.stringify(envelope.from);
  const other = (list: readonly EnvelopeAddress[]): unknown =>
    JSON.stringify(list) === same ? 'as from' : viewAddresses(list);
  return dropUnset({
    date,
    subject,
    from: viewAddresses(envelope.from),
    sender: other(envelope.sender),
    replyTo: other(envelope.replyTo),
    to: viewAddresses(envelope.to),
    cc: viewAddresses(envelope.cc),
    bcc: viewAddresses(envelope.bcc),
    inReplyTo,
    messageId,
  });
}

function viewPart(octets: Buffer, part: MimePart, path: readonly number[]): unknown[] {
  const { type, subtype, parameters, headerStart, bodyStart, bodyEnd, parts, message } = part;
  const body = octets.toString('latin1', bodyStart, bodyEnd);
  const isLeaf = parts.length === 0 && message === undefined;
  const own = dropUnset({
    part: path.length === 0 ? 'root' : path.join('.'),
    type: `${type}/${subtype}`,
    parameters: parameters.map(([name, value]) => `${name}=${value}`),
    id: part.id,
    description: part.description,
    encoding: part.encoding === '7BIT' ? undefined : part.encoding,
    md5: part.md5,
    disposition: part.disposition && [
      part.disposition.type,
      ...part.disposition.parameters.map(([name, value]) => `${name}=${value}`),
    ],
    languages: part.languages,
    location: part.location,
    headerBytes: bodyStart - headerStart,
    lines: part.bodyLines,
    body: isLeaf ? body : undefined,
    bodyBytes: isLeaf ? undefined : body.length,
    envelope: message && viewEnvelope(message.envelope),
  });
  const children = parts.flatMap((child, index) => viewPart(octets, child, [...path, index + 1]));
  return [own, ...children, ...(message ? viewMessage(octets, message.root, path) : [])];
}

/** A message's parts under the numbers that IMAP gives them. */
function viewMessage(octets: Buffer, root: MimePart, path: readonly number[]): unknown[] {
  if (root.parts.length > 0) return viewPart(octets, root, path);
  return viewPart(octets, root, [...path, 1]);
}

function viewShape(octets: Buffer, shape: MessageShape): unknown {
  return {
    sizeBytes: shape.sizeBytes,
    envelope: viewEnvelope(shape.envelope),
    parts: viewMessage(octets, shape.root, []),
  };
}

describe('scanMessage()', () => {
  it('has a corpus to be tested with', () => {
    expect(names.length).toBeGreaterThan(30);
  });

  it.each(names)('finds what is in %s', (name) => {
    const octets = readFixture(`${name}.eml`);
    const { note, ...expected } = JSON.parse(readFixture(`${name}.json`).toString()) as {
      readonly note: string;
    };
    expect(note).not.toBe('');
    expect(viewShape(octets, scanMessage(octets))).toEqual(expected);
  });
});

describe('createMessageScanner()', () => {
  it.each(names)('gives the same shape for %s in pieces of any size', (name) => {
    const octets = readFixture(`${name}.eml`);
    const whole = scanMessage(octets);
    const header = octets.subarray(0, whole.root.bodyStart);
    for (const pieces of [
      splitIntoOctets(octets),
      ...[1, 2, 3].map((seed) => splitRandomly(octets, seed, 40)),
    ]) {
      const scanner = createMessageScanner();
      for (const piece of pieces) {
        const copy = Buffer.from(piece);
        scanner.push(copy);
        copy.fill(0x21);
      }
      expect(scanner.finish()).toEqual(whole);
      expect(scanner.headerOctets).toEqual(Buffer.from(header));
    }
  });
});

describe('findSection()', () => {
  it.each(names)('finds each part of %s under the number the corpus gives it', (name) => {
    const octets = readFixture(`${name}.eml`);
    const { root } = scanMessage(octets);
    const { parts } = JSON.parse(readFixture(`${name}.json`).toString()) as {
      readonly parts: readonly { readonly part: string; readonly body?: string }[];
    };
    for (const { part, body } of parts) {
      if (body === undefined) continue;
      const range = findSection(root, part.split('.').map(Number), 'all');
      expect(range && octets.toString('latin1', range.start, range.end)).toBe(body);
    }
  });
});
