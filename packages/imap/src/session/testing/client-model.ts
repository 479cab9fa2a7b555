/**
 * What a careful client believes of its selected folder: it applies every untagged response, and
 * throws at the first that cannot be true or must not be said now (RFC 3501 §5.2, §7.3, §7.4).
 */

/** One message as far as it is known. */
export interface KnownMessage {
  uid: number | undefined;
  /** In lower case, without \Recent; undefined if never told. */
  flags: ReadonlySet<string> | undefined;
}

/** A change that the client makes of what it believes, since `.SILENT` asks for no answer. */
export interface SilentChange {
  readonly sign: '' | '+' | '-';
  readonly flags: readonly string[];
}

export class ClientModel {
  /** By sequence number, from 1. */
  readonly messages: KnownMessage[] = [];

  /** The first message whose UID is not known, as a sequence number. */
  get firstUnknown(): number | undefined {
    const at = this.messages.findIndex(({ uid }) => uid === undefined);
    return at < 0 ? undefined : at + 1;
  }

  get uids(): readonly (number | undefined)[] {
    return this.messages.map(({ uid }) => uid);
  }

  /** Forgets everything: another folder is selected. */
  clear(): void {
    this.messages.length = 0;
  }

  changeSilently(uids: ReadonlySet<number>, { sign, flags }: SilentChange): void {
    const changed = flags.map((flag) => flag.toLowerCase());
    for (const message of this.messages) {
      if (message.uid === undefined || !uids.has(message.uid)) continue;
      if (sign === '') message.flags = new Set(changed);
      else if (message.flags === undefined) continue;
      else if (sign === '+') message.flags = new Set([...message.flags, ...changed]);
      else message.flags = new Set([...message.flags].filter((flag) => !changed.includes(flag)));
    }
  }

  /** @param usesNumbers The command under way is FETCH, STORE or SEARCH without UID. */
  apply(response: string, usesNumbers: boolean): void {
    const sized = /^\* (\d+) (EXISTS|EXPUNGE|FETCH)\b/.exec(response);
    if (sized === null) return;
    const number = Number(sized[1]);
    if (sized[2] === 'EXISTS') this.#exists(number);
    else if (sized[2] === 'EXPUNGE') this.#expunge(number, usesNumbers);
    else this.#fetched(number, response);
  }

  #exists(count: number): void {
    if (count < this.messages.length) throw new Error(`EXISTS fell to ${count}`);
    while (this.messages.length < count) this.messages.push({ uid: undefined, flags: undefined });
  }

  #expunge(number: number, usesNumbers: boolean): void {
    if (usesNumbers) throw new Error(`EXPUNGE ${number} while numbers are in use`);
    if (number > this.messages.length) throw new Error(`EXPUNGE of unknown ${number}`);
    this.messages.splice(number - 1, 1);
  }

  #fetched(number: number, response: string): void {
    const message = this.messages[number - 1];
    if (message === undefined) throw new Error(`FETCH of unknown ${number}`);
    const uid = /\bUID (\d+)/.exec(response)?.[1];
    if (uid !== undefined) {
      if (message.uid !== undefined && message.uid !== Number(uid)) {
        throw new Error(`message ${number} was ${message.uid} and is ${uid}`);
      }
      message.uid = Number(uid);
    }
    const flags = /\bFLAGS \(([^)]*)\)/.exec(response)?.[1];
    if (flags === undefined) return;
    const names = flags.toLowerCase().split(' ');
    message.flags = new Set(names.filter((name) => name !== '' && name !== '\\recent'));
  }
}
