/** A read-only view of messages. */
export type {
  Disposition,
  Envelope,
  EnvelopeAddress,
  MessageShape,
  MimePart,
} from './message-shape.ts';
