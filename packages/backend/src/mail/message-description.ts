/**
 * What the store keeps of each message so that FETCH need not open it: made by `mime` and
 * IMAP's formatters at arrival, opaque to the store in between.
 */
import { formatBodyStructure, formatEnvelope } from '@homeward/imap/grammar';
import type { MessageDescriber, MessageDescription } from '@homeward/mailstore';
import {
  type MessageShape,
  createMessageScanner,
  createPreviewCollector,
  encodeShape,
} from '@homeward/mime';
import { encodeSortFacts, makeSortFacts } from '@homeward/search';

/** Longer headers are read from the message instead. */
const KEPT_HEADER_BYTES = 32 * 1024;

/** Describes one message as it arrives. */
export function createMessageDescriber(): MessageDescriber {
  const scanner = createMessageScanner();
  const previews = createPreviewCollector();
  return {
    push: (octets) => {
      scanner.push(octets);
      previews.push(octets);
    },
    finish: () => {
      const shape = scanner.finish();
      return describe(shape, scanner.headerOctets, previews.finish(shape.root));
    },
  };
}

function describe(
  shape: MessageShape,
  header: Uint8Array | undefined,
  preview: string | undefined,
): MessageDescription {
  return {
    envelope: latin1(formatEnvelope(shape.envelope)),
    body: latin1(formatBodyStructure(shape.root, { extended: false })),
    bodyStructure: latin1(formatBodyStructure(shape.root, { extended: true })),
    header: header !== undefined && header.length <= KEPT_HEADER_BYTES ? header : undefined,
    shape: encodeShape(shape),
    preview: preview === undefined ? undefined : Buffer.from(preview),
    sortFacts: encodeSortFacts(makeSortFacts(shape, header)),
  };
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
