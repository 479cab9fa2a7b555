/** Octets on the wire: what every protocol package shares. */
export { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Octets } from './base64.ts';
export type { Base64Problem, Base64Result } from './base64.ts';
export { viewAsBuffer } from './buffer-view.ts';
export { ByteQueue } from './byte-queue.ts';
export { DotStuffer } from './dot-stuffer.ts';
export type { LineStart } from './dot-stuffer.ts';
export { DotUnstuffer } from './dot-unstuffer.ts';
export type { UnstuffedPiece } from './dot-unstuffer.ts';
export { ExchangeWatch } from './exchange-watch.ts';
export { recogniseForeignClient, recogniseWaitingClient } from './foreign-client.ts';
export { allLines, isUnasked, isWhole, lastLines } from './last-exchange.ts';
export type { Exchange, IsAnswered, LastExchange, Utterance } from './last-exchange.ts';
export { discardLine, takeLine } from './line.ts';
export type { Line } from './line.ts';
export { findLiteralMarker } from './literal-marker.ts';
export type { LiteralMarker } from './literal-marker.ts';
export { OctetStreamReader } from './octet-stream-reader.ts';
export type { OctetStream, StreamEnd } from './octet-stream.ts';
