/** A message's shape as octets, for whoever keeps it beside the message. */
import type { MessageShape } from './message-shape.ts';

export function encodeShape(shape: MessageShape): Uint8Array {
  return Buffer.from(JSON.stringify(shape));
}

/**
 * Gives back what `encodeShape` made.
 *
 * @returns undefined for octets that it did not make; looks no further than it takes to tell.
 */
export function decodeShape(octets: Uint8Array): MessageShape | undefined {
  try {
    const shape = JSON.parse(Buffer.from(octets).toString()) as Partial<MessageShape> | null;
    const isShape = typeof shape?.sizeBytes === 'number' && shape.root !== undefined;
    return isShape ? (shape as MessageShape) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
