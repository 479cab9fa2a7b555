/** Read-only view of a message: MIME tree, envelope, headers, text. Pure. */
export { parseAddressList } from './address-list.ts';
export { createCharsetDecoder, decodeCharset } from './charset.ts';
export type { CharsetDecoder } from './decoders.ts';
export { isKnownCharset } from './charset-names.ts';
export { decodeEncodedWords } from './encoded-words.ts';
export { createHeaderSearch, type HeaderSearch, type SoughtHeaderText } from './header-search.ts';
export {
  createHeaderSelector,
  type HeaderSelector,
  selectHeaderFields,
} from './header-selection.ts';
export { type MessageDate, parseMessageDate } from './message-date.ts';
export { createMessageScanner, type MessageScanner, scanMessage } from './message-scanner.ts';
export type {
  Disposition,
  Envelope,
  EnvelopeAddress,
  MessageShape,
  MimePart,
} from './message-shape.ts';
export { readHeaderField, readHeaderFields } from './named-fields.ts';
export { findParameter, type Parameter, readParameterText } from './parameter-list.ts';
export { findPart, findSection, type OctetRange, type SectionText } from './part-path.ts';
export {
  createPreviewCollector,
  listPreviewParts,
  type PartPreview,
  PREVIEW_BODY_BYTES,
  PREVIEW_CHARACTERS,
  type PreviewCollector,
  previewPart,
} from './preview.ts';
export { defaultScanLimits, type ScanLimits } from './scan-limits.ts';
export {
  createFoldedTextReader,
  foldBody,
  type FoldedTextReader,
  foldHeader,
  foldHeaderValue,
  searchPieceBytes,
  visitHeaderFields,
} from './search-text.ts';
export { decodeShape, encodeShape } from './shape-octets.ts';
export { formatSurrogateHeader } from './surrogate/surrogate-header.ts';
export { listHeaderRanges, SurrogateWriter } from './surrogate/surrogate-writer.ts';
export {
  createTextExtractor,
  isTextPart,
  listTextRanges,
  type TextExtractor,
  type TextRange,
  textOfPart,
} from './text-extractor.ts';
export {
  containsFolded,
  createFoldedSearch,
  type FoldedSearch,
  foldForSearch,
} from './text-folding.ts';
export { createTransferDecoder, decodeTransferEncoding } from './transfer-decoder.ts';
export type { TransferDecoder } from './decoders.ts';
