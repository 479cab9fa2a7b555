/** What tests of several packages need; never shipped. */
export { splitInTwo, splitIntoOctets, splitRandomly, toBuffer } from './chunking.ts';
export type { Octets } from './chunking.ts';
export { FakeClock } from './fake-clock.ts';
export type { FakeTimer } from './fake-clock.ts';
export { findFreePort } from './free-port.ts';
export { createMemoryStreamPair } from './memory-stream.ts';
export type {
  Chunking,
  MemoryStream,
  MemoryStreamOptions,
  MemoryStreamPair,
} from './memory-stream.ts';
export { createSeededRandom } from './seeded-random.ts';
export { createTempFolder } from './temp-folder.ts';
export type { TempFolder } from './temp-folder.ts';
export { runTranscript } from './transcript.ts';
export type { TranscriptConnection, TranscriptTarget } from './transcript.ts';
