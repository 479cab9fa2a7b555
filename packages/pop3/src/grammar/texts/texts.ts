/**
 * Every text for people that a POP3 server says behind `+OK`, `-ERR` and their codes. Each
 * language has all of them (RFC 6856 §3.2). What programs read out of a reply (numbers, codes,
 * unique-ids) is no text and stays the same in all languages.
 */
import type { LoginRefusal, SessionEndReason } from '@homeward/sasl';

/** Texts of one language: one line each, short enough for a reply of 512 octets. */
export interface Texts {
  // What is no command.
  readonly lineEndNotCrlf: string;
  readonly nulNotAllowed: string;
  readonly unknownCommand: string;
  readonly logInFirst: string;
  readonly loggedInAlready: string;
  /** @param usage The command with its arguments, in English. */
  readonly usage: (usage: string) => string;
  readonly lineTooLong: string;

  // Before login.
  readonly tlsIsActive: string;
  readonly tlsBegins: string;
  readonly tlsIsUnavailable: string;
  readonly stlsBehindUtf8: string;
  readonly userNotOffered: string;
  readonly utf8IsOn: string;
  readonly sendPass: string;
  readonly sendUserFirst: string;
  readonly mechanismsFollow: string;
  readonly unknownMechanism: string;
  readonly initialResponseNotBase64: string;
  readonly responseNotBase64: string;
  readonly responseNotFit: string;
  readonly cancelled: string;
  readonly waitForAnswer: string;
  readonly tooManyCommands: string;
  readonly loggedIn: string;
  readonly webClient: string;
  readonly tlsToPlainPort: string;
  readonly refusals: Readonly<Record<LoginRefusal, string>>;

  // Both before and after.
  readonly capabilitiesFollow: string;
  readonly languageChanged: string;
  readonly languagesFollow: string;
  readonly unknownLanguage: string;
  readonly goodbye: string;

  // Behind login.
  readonly noSuchMessage: string;
  readonly removedElsewhere: string;
  readonly maildropSize: (messageCount: number, sizeBytes: number) => string;
  readonly uniqueIdsFollow: string;
  /** Begins with the number: clients look for it there. */
  readonly octets: (sizeBytes: number) => string;
  readonly topFollows: string;
  readonly messageDeleted: (message: number) => string;
  readonly onlyToBeRead: string;
  readonly nothingDone: string;
  readonly goodbyeDeleted: (messageCount: number) => string;
  readonly someNotRemoved: string;
  readonly storeFailed: string;

  // The end, before login and behind it.
  readonly idleBeforeLogin: string;
  readonly restartingBeforeLogin: string;
  readonly tooManyConnections: string;
  readonly switchedOff: string;
  readonly notPop3: string;
  readonly idle: string;
  readonly tooManyErrors: string;
  readonly ended: Readonly<Record<SessionEndReason, string>>;
  /** @param reason One of `ended`, of a session in which no QUIT was run. */
  readonly nothingDeleted: (reason: string) => string;
}
