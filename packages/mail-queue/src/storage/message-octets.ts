/** The octets of a message that is a row or a file, in pieces, as they are asked for. */
import type { StoreFiles } from '@homeward/durable-store';

export const PIECE_BYTES = 65_536;

/** Where a message's octets are. */
export type ContentPlace =
  | { readonly octets: Uint8Array }
  | { readonly path: string; readonly sizeBytes: number };

/** Thrown when the octets of an accepted message cannot be had. */
export class MessageUnreadableError extends Error {
  override readonly name = 'MessageUnreadableError';
  /** It stays so until somebody puts the file back. */
  readonly reason: 'gone' | 'cut-short';

  constructor(reason: 'gone' | 'cut-short', message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Looks at the end of a message without reading it.
 *
 * @throws MessageUnreadableError, or an error of the system.
 */
export async function probeOctets(
  files: StoreFiles,
  place: ContentPlace | undefined,
): Promise<void> {
  if (place === undefined) throw new MessageUnreadableError('gone', 'the message is gone');
  if ('octets' in place || place.sizeBytes === 0) return;
  const file = await files.openFile(place.path);
  if (file === undefined) {
    throw new MessageUnreadableError('gone', 'the file of the message is gone');
  }
  try {
    const last = await file.read(place.sizeBytes - 1, 1);
    if (last.length === 0) throw new MessageUnreadableError('cut-short', 'the file is cut short');
  } finally {
    await file.close();
  }
}

/** Closes the file at its end, or when it is not read on. */
export async function* readOctets(
  files: StoreFiles,
  find: () => ContentPlace | undefined,
): AsyncGenerator<Uint8Array> {
  const place = find();
  if (place === undefined) throw new MessageUnreadableError('gone', 'the message is gone');
  if ('octets' in place) {
    for (let at = 0; at < place.octets.length; at += PIECE_BYTES) {
      yield place.octets.subarray(at, at + PIECE_BYTES);
    }
    return;
  }
  const file = await files.openFile(place.path);
  if (file === undefined)
    throw new MessageUnreadableError('gone', 'the file of the message is gone');
  try {
    let done = 0;
    while (done < place.sizeBytes) {
      const piece = await file.read(done, Math.min(PIECE_BYTES, place.sizeBytes - done));
      if (piece.length === 0)
        throw new MessageUnreadableError('cut-short', 'the file is cut short');
      done += piece.length;
      yield piece;
    }
  } finally {
    await file.close();
  }
}
