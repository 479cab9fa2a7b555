/**
 * What a protocol of lines brings to the dialogue before login: its commands and its words. POP3
 * (RFC 5034) and submission (RFC 4954) lead AUTH alike; all that they share is in `AuthDialogue`.
 */
import type { Line } from '@homeward/wire';
import type {
  Credentials,
  DeclineReason,
  DialogueEnd,
  FarewellReason,
  LoginMethod,
  LoginRefusal,
  SessionChoices,
  SessionFarewells,
} from '../login-dialogue.ts';
import type { AuthFailure } from './auth-exchange.ts';
import type { AuthOffer } from './auth-offer.ts';

/** One connection's protocol. It holds nothing that must be closed. */
export interface AuthProtocol {
  /** Of the connection as it is at this moment. */
  readonly offer: AuthOffer;
  /** In the language that the client has chosen. */
  readonly words: AuthWords;
  /** What the client has chosen so far, for its session. */
  readonly choices: SessionChoices;
  /** How often the connection may be passed on; undefined where nobody has said so. */
  readonly hopsLeft: number | undefined;
  /** The greeting, a whole line. */
  greet(): string;
  /** Runs one command, and answers it by the desk. */
  takeCommand(line: Line, desk: AuthDesk): void;
  /** TLS is up: nothing that was said before is known any more. */
  tlsStarted(): void;
  /** See `LoginDialogue`. */
  farewell(reason: FarewellReason, detail?: string): string;
  /** See `LoginDialogue`. */
  sessionFarewells(): SessionFarewells;
}

/** Each a whole reply, as it is sent. */
export interface AuthWords {
  readonly loggedIn: string;
  readonly tlsBegins: string;
  readonly tlsIsActive: string;
  readonly tlsIsUnavailable: string;
  readonly unknownMechanism: string;
  /** The last that a client hears which does not believe our proof. */
  readonly notBelieved: string;
  readonly lineTooLong: string;
  /** Too much came behind a login whose answer is not there yet. */
  readonly waitForAnswer: string;
  readonly tooManyCommands: string;
  /** Behind the answer to the last error; undefined where that has to do. */
  readonly tooManyErrors: string | undefined;
  /** To a browser. */
  readonly webClient: string;
  readonly tlsToPlainPort: string;
  challenge(octets: Uint8Array): string;
  failure(reason: AuthFailure): string;
  /** See `LoginDialogue.loginRefused`. */
  refusal(reason: LoginRefusal, detail?: string, reference?: string): string;
}

/** What a command can make of the dialogue. */
export interface AuthDesk {
  /** Answers, and goes on. */
  say(reply: string): void;
  /** Answers with an error, which counts. */
  refuse(reply: string): void;
  /** The same to a login that nobody has to look at: with the reference, as all refused ones. */
  refuseLogin(reply: string, reason: DeclineReason): void;
  /** @param last A whole line, said before, if anything. */
  close(reason: DialogueEnd, last: string | undefined): void;
  /** STARTTLS or STLS, where it may be said. */
  startTls(isOffered: boolean): void;
  /** AUTH. @param initialResponse As written; undefined if there is none. */
  authenticate(mechanismName: string, initialResponse: string | undefined): void;
  /** A login without an exchange. */
  verify(method: LoginMethod, credentials: Credentials): void;
}
