/**
 * Submission before login (RFC 6409 §4.3): EHLO, STARTTLS (RFC 3207), AUTH (RFC 4954), and nothing
 * of a message: its commands; how they are read, and AUTH, are `AuthDialogue`'s.
 *
 * Invariant: no octet of a message is ever read as a command. DATA is refused before one is sent,
 * and BDAT, whose octets come unasked, ends the connection.
 */
import { createAuthDialogue } from '@homeward/sasl';
import type {
  AuthDesk,
  AuthProtocol,
  FarewellReason,
  LoginDialogue,
  SessionChoices,
  SessionFarewells,
} from '@homeward/sasl';
import type { Line } from '@homeward/wire';
import { formatProblem } from '../grammar/command-problem.ts';
import type { SmtpCommand, SmtpCommandOf } from '../grammar/command.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { formatReply } from '../grammar/reply.ts';
import { AUTH_WORDS } from './auth-words.ts';
import { formatFarewell, SESSION_FAREWELLS } from './farewells.ts';
import { LoginOffer } from './login-offer.ts';
import type { SmtpLoginOptions } from './options.ts';

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createSmtpLoginDialogue(options: SmtpLoginOptions): LoginDialogue {
  return createAuthDialogue(new SmtpLogin(options), options);
}

class SmtpLogin implements AuthProtocol {
  readonly words: typeof AUTH_WORDS = AUTH_WORDS;
  readonly #options: SmtpLoginOptions;
  #offer: LoginOffer;
  /** From EHLO; without it nobody logs in (RFC 4954 §4). */
  #clientName: string | undefined;
  #hopsLeft: number | undefined;

  constructor(options: SmtpLoginOptions) {
    this.#options = options;
    this.#offer = new LoginOffer(options, options.isEncrypted);
  }

  get offer(): LoginOffer {
    return this.#offer;
  }

  get choices(): SessionChoices {
    return { language: 'en', isUtf8: false, clientName: this.#clientName };
  }

  get hopsLeft(): number | undefined {
    return this.#hopsLeft;
  }

  greet(): string {
    const { serverName, banner } = this.#options;
    return formatReply(220, undefined, `${serverName} ESMTP ${banner}`);
  }

  takeCommand(line: Line, desk: AuthDesk): void {
    const parsed = parseCommand(line);
    // RFC 3030 §2: octets follow even a BDAT that cannot be read.
    if (parsed.ok ? parsed.command.name === 'BDAT' : parsed.name === 'BDAT') refuseChunk(desk);
    else if (parsed.ok) this.#run(parsed.command, desk);
    else desk.refuse(formatProblem(parsed));
  }

  tlsStarted(): void {
    this.#offer = new LoginOffer(this.#options, true);
    // RFC 3207 §4.2: EHLO is to be said again.
    this.#clientName = undefined;
    this.#hopsLeft = undefined;
  }

  farewell(reason: FarewellReason, detail?: string): string {
    return formatFarewell(reason, detail);
  }

  sessionFarewells(): SessionFarewells {
    return SESSION_FAREWELLS;
  }

  #run(command: SmtpCommand, desk: AuthDesk): void {
    switch (command.name) {
      case 'EHLO':
        this.#clientName = command.clientName;
        desk.say(this.#offer.formatExtensions());
        return;
      case 'HELO':
        // No extensions, so no AUTH: that client cannot log in.
        this.#clientName = undefined;
        desk.say(formatReply(250, undefined, this.#options.serverName));
        return;
      case 'STARTTLS':
        desk.startTls(this.#options.offersStartTls);
        return;
      case 'AUTH':
        this.#authenticate(command, desk);
        return;
      case 'XCLIENT':
        this.#takeHops(command, desk);
        return;
      case 'RSET':
      case 'NOOP':
        desk.say(formatReply(250, '2.0.0', 'OK'));
        return;
      case 'HELP':
        desk.say(formatReply(214, '2.0.0', 'EHLO, STARTTLS, AUTH, then send mail'));
        return;
      case 'QUIT':
        desk.close('logged-out', formatReply(221, '2.0.0', 'Goodbye'));
        return;
      case 'MAIL':
      case 'RCPT':
      case 'DATA':
      case 'VRFY':
      case 'EXPN':
        this.#refuseStranger(desk);
        return;
      case 'LHLO':
        desk.refuse(formatReply(500, '5.5.1', 'This is SMTP, not LMTP: say EHLO'));
        return;
      case 'BDAT':
        refuseChunk(desk);
    }
  }

  /** The session begins anew, as with Postfix: EHLO is to be said again. */
  #takeHops(command: SmtpCommandOf<'XCLIENT'>, desk: AuthDesk): void {
    if (this.#options.countsHops !== true) {
      desk.refuse(formatReply(500, '5.5.1', 'Unknown command'));
      return;
    }
    this.#hopsLeft = command.hopsLeft;
    this.#clientName = undefined;
    desk.say(this.greet());
  }

  #authenticate({ mechanism, initialResponse }: SmtpCommandOf<'AUTH'>, desk: AuthDesk): void {
    if (this.#clientName === undefined) desk.refuse(formatReply(503, '5.5.1', 'Say EHLO first'));
    else desk.authenticate(mechanism, initialResponse);
  }

  /** RFC 4954 §6, RFC 3207 §4. */
  #refuseStranger(desk: AuthDesk): void {
    const text = this.#offer.needsTls ? 'Say STARTTLS and log in first' : 'Log in first';
    desk.refuse(formatReply(530, '5.7.0', text));
  }
}

function refuseChunk(desk: AuthDesk): void {
  desk.close('too-many-errors', formatReply(530, '5.7.0', 'Log in before you send a message'));
}
