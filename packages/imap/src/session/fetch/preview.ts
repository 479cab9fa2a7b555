/**
 * PREVIEW (RFC 8970 §3): as it was made at arrival, or made now of a message whose text lay too
 * far from its beginning, or which is older than previews here. Who says LAZY gets NIL then.
 */
import { PREVIEW_BODY_BYTES, listPreviewParts, previewPart } from '@homeward/mime';
import { formatString } from '../../grammar/responses/strings.ts';
import type { ResponseWriter } from '../response-writer.ts';
import type { MessageReader } from './message-reader.ts';

/** Writes the item with its value. @returns nothing if that took no waiting. */
export function writePreview(
  writer: ResponseWriter,
  reader: MessageReader,
  isLazy: boolean,
): Promise<void> | undefined {
  const { preview } = reader.facts;
  if (preview !== undefined) writer.text(formatItem(preview));
  else if (isLazy) writer.text('PREVIEW NIL');
  else return makePreview(reader).then((made) => writer.text(formatItem(made)));
  return undefined;
}

function formatItem(preview: string): string {
  return `PREVIEW ${formatString(Buffer.from(preview).toString('latin1'))}`;
}

/** @returns an empty string for a message without text (RFC 8970 §3.2), or one that is gone. */
async function makePreview(reader: MessageReader): Promise<string> {
  const shape = await reader.shape();
  if (shape === undefined || !(await reader.open())) return '';
  for (const part of listPreviewParts(shape.root)) {
    const start = part.bodyStart;
    const end = Math.min(part.bodyEnd, start + PREVIEW_BODY_BYTES);
    const { text } = previewPart(part, await reader.gather({ start, end }));
    if (text !== '') return text;
  }
  return '';
}
