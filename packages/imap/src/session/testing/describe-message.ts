/** What the store in memory keeps of each message, made as the back end makes it. */
import { createHash } from 'node:crypto';
import { type MessageShape, createPreviewCollector, scanMessage } from '@homeward/mime';
import { makeSortFacts } from '@homeward/search';
import { formatBodyStructure } from '../../grammar/responses/body-structure.ts';
import { formatEnvelope } from '../../grammar/responses/envelope.ts';
import type { Uid } from '../../ids.ts';
import type { MessageFacts } from '../ports.ts';

/** Longer headers are not kept, as in the back end. */
const KEPT_HEADER_BYTES = 32 * 1024;

export function describeMessage(uid: Uid, octets: Uint8Array): MessageFacts {
  const shape = scanMessage(octets);
  const header = octets.subarray(0, shape.root.bodyStart);
  return {
    uid,
    envelope: Buffer.from(formatEnvelope(shape.envelope), 'latin1'),
    body: Buffer.from(formatBodyStructure(shape.root, { extended: false }), 'latin1'),
    bodyStructure: Buffer.from(formatBodyStructure(shape.root, { extended: true }), 'latin1'),
    header: header.length <= KEPT_HEADER_BYTES ? header : undefined,
    shape,
    octets,
    sortFacts: makeSortFacts(shape, header),
    // As the store's are: set when it is saved.
    saveDateMs: undefined,
    preview: previewOf(shape, octets),
    emailId: `M${createHash('sha256').update(octets).digest('base64url').slice(0, 27)}`,
  };
}

function previewOf(shape: MessageShape, octets: Uint8Array): string | undefined {
  const collector = createPreviewCollector();
  collector.push(octets);
  return collector.finish(shape.root);
}
