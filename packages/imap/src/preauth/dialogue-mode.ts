/** What a login dialogue waits for: one of these at a time. */
import type { SaslExchange } from './sasl-exchange.ts';

/** The states of the dialogue; each carries what its end needs. */
export type DialogueMode =
  /** The client's first octets do not yet show whether it speaks IMAP at all. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'command' }
  /** A challenge was sent. */
  | { readonly kind: 'sasl'; readonly exchange: SaslExchange }
  /** The mechanism's last challenge was sent; whatever comes back, `answer` follows. */
  | { readonly kind: 'sasl-refused'; readonly exchange: SaslExchange; readonly answer: string }
  /** The server's proof was sent (RFC 5802 §3); an empty response shows that it is believed. */
  | { readonly kind: 'proving'; readonly exchange: SaslExchange }
  /** Somebody verifies a login, or looks up what its exchange needs. */
  | {
      readonly kind: 'verifying';
      readonly tag: string;
      readonly exchange: SaslExchange | undefined;
    }
  | { readonly kind: 'starting-tls' }
  | { readonly kind: 'finished' };
