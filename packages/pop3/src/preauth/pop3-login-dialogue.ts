/**
 * POP3's AUTHORIZATION state (RFC 1939 §4), with CAPA (RFC 2449 §5), STLS (RFC 2595 §4), AUTH
 * (RFC 5034 §4), UTF8 and LANG (RFC 6856 §2, §3): its commands; how they are read, and AUTH, are
 * `AuthDialogue`'s.
 *
 * Deviation: a name or password with what SASLprep prohibits (RFC 6856 §2.2, RFC 4013 §2.3) is
 * not refused here; whoever verifies it compares it as it was typed.
 */
import { isUtf8 } from 'node:buffer';
import { createAuthDialogue } from '@homeward/sasl';
import type {
  AuthDesk,
  AuthProtocol,
  AuthWords,
  FarewellReason,
  LoginDialogue,
  SessionChoices,
  SessionFarewells,
} from '@homeward/sasl';
import type { Line } from '@homeward/wire';
import type { Pop3Command, Pop3CommandOf } from '../grammar/command.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { formatErr, formatLines, formatOk } from '../grammar/response.ts';
import { answerLang } from '../grammar/texts/answer-lang.ts';
import { DEFAULT_LANGUAGE } from '../grammar/texts/language.ts';
import type { Texts } from '../grammar/texts/texts.ts';
import { authWordsOf } from './auth-words.ts';
import { formatFarewell, sessionFarewells } from './farewells.ts';
import { LoginOffer } from './login-offer.ts';
import type { Pop3LoginOptions } from './options.ts';

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createPop3LoginDialogue(options: Pop3LoginOptions): LoginDialogue {
  return createAuthDialogue(new Pop3Login(options), options);
}

class Pop3Login implements AuthProtocol {
  readonly #options: Pop3LoginOptions;
  #offer: LoginOffer;
  /** From USER, for PASS. */
  #loginName: string | undefined;
  #language = DEFAULT_LANGUAGE;
  /** UTF8 was said. */
  #isUtf8 = false;
  #hopsLeft: number | undefined;

  constructor(options: Pop3LoginOptions) {
    this.#options = options;
    this.#offer = new LoginOffer(options, options.isEncrypted);
  }

  get offer(): LoginOffer {
    return this.#offer;
  }

  get words(): AuthWords {
    return authWordsOf(this.#language);
  }

  get choices(): SessionChoices {
    return { language: this.#language.tag, isUtf8: this.#isUtf8 };
  }

  get hopsLeft(): number | undefined {
    return this.#hopsLeft;
  }

  greet(): string {
    // Without <…> in it, so that nobody tries APOP (RFC 1939 §7).
    return formatOk(this.#options.banner.replaceAll(/[<>]/gu, ''));
  }

  takeCommand(line: Line, desk: AuthDesk): void {
    const parsed = parseCommand(line, 'authorization', this.#texts);
    if (parsed.ok) this.#run(parsed.command, desk);
    else desk.refuse(formatErr(undefined, parsed.text));
  }

  tlsStarted(): void {
    this.#offer = new LoginOffer(this.#options, true);
    this.#loginName = undefined;
    this.#language = DEFAULT_LANGUAGE;
    this.#isUtf8 = false;
    this.#hopsLeft = undefined;
  }

  farewell(reason: FarewellReason, detail?: string): string {
    return formatFarewell(reason, this.#texts, detail);
  }

  sessionFarewells(): SessionFarewells {
    return sessionFarewells(this.#language);
  }

  get #texts(): Texts {
    return this.#language.texts;
  }

  #run(command: Pop3Command, desk: AuthDesk): void {
    switch (command.name) {
      case 'CAPA':
        desk.say(formatLines(this.#texts.capabilitiesFollow, this.#offer.listCapabilities()));
        return;
      case 'STLS':
        this.#startTls(desk);
        return;
      case 'USER':
        this.#takeName(command.loginName, desk);
        return;
      case 'PASS':
        this.#takePassword(command.password, desk);
        return;
      case 'AUTH':
        this.#authenticate(command, desk);
        return;
      case 'UTF8':
        this.#isUtf8 = true;
        desk.say(formatOk(this.#texts.utf8IsOn));
        return;
      case 'LANG':
        this.#changeLanguage(command.range, desk);
        return;
      case 'XCLIENT':
        this.#takeHops(command.hopsLeft, desk);
        return;
      case 'QUIT':
        desk.close('logged-out', formatOk(this.#texts.goodbye));
        return;
      case 'STAT':
      case 'LIST':
      case 'UIDL':
      case 'RETR':
      case 'TOP':
      case 'DELE':
      case 'NOOP':
      case 'RSET':
        throw new Error(`the table lets ${command.name} stand before login`);
    }
  }

  #changeLanguage(range: string | undefined, desk: AuthDesk): void {
    const answer = answerLang(range, this.#language, this.#options.preferredLanguage);
    this.#language = answer.language;
    if (answer.isOk) desk.say(answer.octets);
    else desk.refuse(answer.octets);
  }

  #takeHops(hopsLeft: number | undefined, desk: AuthDesk): void {
    if (this.#options.countsHops !== true) {
      desk.refuse(formatErr(undefined, this.#texts.unknownCommand));
      return;
    }
    this.#hopsLeft = hopsLeft;
    // Programs read this, in no language. The word is Dovecot's.
    desk.say(formatOk('Updated'));
  }

  #startTls(desk: AuthDesk): void {
    if (this.#isUtf8 && !this.#offer.isEncrypted) {
      // RFC 6856 §2.1: a client must not do this. Who did would not know which mode holds then.
      desk.refuse(formatErr(undefined, this.#texts.stlsBehindUtf8));
    } else {
      desk.startTls(this.#options.offersStls);
    }
  }

  /** Says the same for any name (RFC 1939 §13 warns of the contrary). */
  #takeName(loginName: string, desk: AuthDesk): void {
    if (!this.#options.offersUser) {
      desk.refuseLogin(formatErr(undefined, this.#texts.userNotOffered), 'mechanism-not-offered');
    } else if (this.#offer.allowsSecrets) {
      this.#loginName = loginName;
      desk.say(formatOk(this.#texts.sendPass));
    } else {
      desk.refuseLogin(this.words.refusal('privacy-required'), 'privacy-required');
    }
  }

  #takePassword(password: Uint8Array, desk: AuthDesk): void {
    const loginName = this.#loginName;
    this.#loginName = undefined;
    if (loginName === undefined) {
      desk.refuse(formatErr(undefined, this.#texts.sendUserFirst));
    } else if (isUtf8(password)) {
      desk.verify('USER', { kind: 'password', loginName, actAs: undefined, password });
    } else {
      // RFC 6856 §2.2, in the words for a wrong one: a person should be asked again.
      desk.refuseLogin(this.words.refusal('bad-credentials'), 'unusable-credentials');
    }
  }

  #authenticate({ mechanism, initialResponse }: Pop3CommandOf<'AUTH'>, desk: AuthDesk): void {
    if (mechanism !== undefined) {
      desk.authenticate(mechanism, initialResponse);
      return;
    }
    // Never specified, but asked by clients that know no CAPA.
    const names = this.#offer.mechanisms.map(({ name }) => name);
    desk.say(formatLines(this.#texts.mechanismsFollow, names));
  }
}
