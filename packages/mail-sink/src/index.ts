/** A mail server that takes everything and sends nothing on. */
export { type MailSink, type MailSinkOptions, openMailSink } from './mail-sink.ts';
export type { SunkMessage } from './sunk-messages.ts';
