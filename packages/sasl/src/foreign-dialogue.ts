/**
 * The client half of a login at a home of other software. Beside the dialogue with homes of our
 * own it may upgrade to TLS, asks what is offered, says who the client is, and logs in by
 * passwords as well as by tickets. Each protocol implements it; nothing here waits.
 */
import type { SessionChoices } from './login-dialogue.ts';

/** By what an account is logged in at its home. */
export type ForeignSecret =
  | {
      readonly kind: 'password';
      /** Whose mailbox, where that is another than who logs in (RFC 4616). */
      readonly authzid: string | undefined;
      readonly loginName: string;
      /** Read by `login` alone; the caller overwrites it afterwards. */
      readonly password: Uint8Array;
    }
  | { readonly kind: 'ticket'; readonly loginName: string; readonly ticket: string };

/** What a home may be told of the client. */
export interface ClientFacts {
  readonly address: string;
  readonly port: number;
  /** Where the client connected to. */
  readonly connectedAddress: string;
  readonly connectedPort: number;
  /** The conversation's id, for the home's log. */
  readonly sessionId: string;
  /** How often the connection may still be passed on. */
  readonly hopsLeft: number;
}

export interface ForeignLoginRequest {
  readonly secret: ForeignSecret;
  /**
   * What the home is told by the protocol, as far as it takes that: of a client that shall not be
   * told of, `hopsLeft` alone. Undefined: nothing.
   */
  readonly client: Partial<ClientFacts> | undefined;
  readonly choices?: SessionChoices | undefined;
}

/** What a refusal is about: whoever judges passwords there has judged this one, or not. */
export type RefusalSubject =
  | 'credentials'
  /** A limit, a mailbox in use, a fault there. */
  | 'session'
  /** The home offers no way in that this login could take. */
  | 'mechanism';

export type ForeignStep =
  | { readonly kind: 'send'; readonly octets: string }
  /** Holds a secret: overwrite it as soon as the home has answered. */
  | { readonly kind: 'send-secret'; readonly octets: Uint8Array }
  /** Upgrade now, then call `tlsStarted`. Nothing that came before is believed any more. */
  | { readonly kind: 'start-tls' }
  /** STARTTLS is wanted and is not to be had; nothing else may be sent. */
  | { readonly kind: 'no-tls'; readonly text: string }
  /** `login` may be called. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'logged-in';
      /** IMAP: the home's own list, as atoms. */
      readonly capabilities: string | undefined;
      /** What the home sent behind its answer. */
      readonly early: Uint8Array;
    }
  | {
      readonly kind: 'refused';
      readonly about: RefusalSubject;
      readonly code: string | undefined;
      readonly text: string;
    }
  | {
      readonly kind: 'broken';
      readonly text: string;
      /** A goodbye, and nothing else since `login`: the home need not have seen that. */
      readonly isGoodbye?: boolean;
    };

export interface ForeignDialogue {
  receive(octets: Uint8Array): readonly ForeignStep[];
  /** TLS is up, by `start-tls`. */
  tlsStarted(): readonly ForeignStep[];
  login(request: ForeignLoginRequest): readonly ForeignStep[];
  /** Nothing more is said; what of a secret was still to be said is overwritten. Idempotent. */
  end(): void;
}
