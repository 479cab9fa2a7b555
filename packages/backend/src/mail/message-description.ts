/**
 * What the store keeps of each message so that FETCH need not open it: made by `mime` and
 * IMAP's formatters at arrival, opaque to the store in between.
 */
import { formatBodyStructure, formatEnvelope } from '@homeward/imap/grammar';
import type { MessageDescriber, MessageDescription, RestDescription } from '@homeward/mailstore';
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
      const { headerOctets } = scanner;
      return {
        ...describe(shape),
        describeRest: () => describeRest(shape, headerOctets, previews.finish(shape.root)),
      };
    },
  };
}

function describe(shape: MessageShape): Omit<MessageDescription, 'describeRest'> {
  return {
    envelope: latin1(formatEnvelope(shape.envelope)),
    body: latin1(formatBodyStructure(shape.root, { extended: false })),
    bodyStructure: latin1(formatBodyStructure(shape.root, { extended: true })),
    shape: encodeShape(shape),
  };
}

function describeRest(
  shape: MessageShape,
  header: Uint8Array | undefined,
  preview: string | undefined,
): RestDescription {
  return {
    header: header !== undefined && header.length <= KEPT_HEADER_BYTES ? header : undefined,
    preview: preview === undefined ? undefined : Buffer.from(preview),
    sortFacts: encodeSortFacts(makeSortFacts(shape, header)),
  };
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
