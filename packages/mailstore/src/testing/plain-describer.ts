/** A describer whose answers a test can foretell from the message alone. */
import type { MessageDescriber, MessageDescription, RestDescription } from '../api.ts';

/** Longest header that is kept; a longer one is left out. */
export const KEPT_HEADER_BYTES = 1000;

/** What `createPlainDescriber` makes of a whole message. */
export function describePlainly(octets: Uint8Array): MessageDescription & RestDescription {
  const text = Buffer.from(octets);
  const end = text.indexOf('\r\n\r\n');
  const header = end === -1 ? text : text.subarray(0, end + 4);
  const rest = {
    header: header.length > KEPT_HEADER_BYTES ? undefined : header,
    preview: Buffer.from(`preview ${octets.length}`),
    sortFacts: octets.length === 0 ? undefined : Buffer.from(`sort ${octets.length}`),
  };
  return {
    ...rest,
    envelope: Buffer.from(`envelope ${octets.length}`),
    body: Buffer.from(`body ${octets.length}`),
    bodyStructure: Buffer.from(`structure ${octets.length}`),
    shape: Buffer.from(JSON.stringify({ size: octets.length })),
    describeRest: () => rest,
  };
}

export function createPlainDescriber(): MessageDescriber {
  const chunks: Buffer[] = [];
  return {
    push: (octets) => void chunks.push(Buffer.from(octets)),
    finish: () => describePlainly(Buffer.concat(chunks)),
  };
}
