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

  /** What it may say that it knows when it comes back (RFC 7162 §6). */
  modSeq = 0;
  /** The highest MODSEQ since the last tagged answer, and what the server said instead. */
  #seenModSeq = 0;
  #givenModSeq: number | undefined;

  /** Forgets everything: another folder is selected. */
  clear(): void {
    this.messages.length = 0;
    this.modSeq = 0;
    this.#seenModSeq = 0;
  }

  /** Keeps what it knows of messages by their UIDs: the connection is gone. */
  disconnect(): void {
    const known = this.messages.filter(({ uid }) => uid !== undefined);
    this.messages.splice(0, this.messages.length, ...known);
    this.#seenModSeq = 0;
    this.#givenModSeq = undefined;
  }

  /** Takes the tagged answer, which makes what was seen count (RFC 7162 §6). */
  conclude(tagged: string): void {
    this.#noteGiven(tagged);
    this.modSeq = this.#givenModSeq ?? Math.max(this.modSeq, this.#seenModSeq);
    this.#givenModSeq = undefined;
    this.#seenModSeq = 0;
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
    this.#noteGiven(response);
    const vanished = /^\* VANISHED (\(EARLIER\) )?(\S+)$/.exec(response);
    if (vanished !== null) {
      this.#vanished(numbersIn(vanished[2] ?? ''), vanished[1] !== undefined, usesNumbers);
    }
    const sized = /^\* (\d+) (EXISTS|EXPUNGE|FETCH)\b/.exec(response);
    if (sized === null) return;
    const number = Number(sized[1]);
    if (sized[2] === 'EXISTS') this.#exists(number);
    else if (sized[2] === 'EXPUNGE') this.#expunge(number, usesNumbers);
    else this.#fetched(number, response);
  }

  #noteGiven(response: string): void {
    const given = /\[HIGHESTMODSEQ (\d+)\]/.exec(response)?.[1];
    if (given !== undefined) this.#givenModSeq = Number(given);
  }

  #vanished(uids: readonly number[], isEarlier: boolean, usesNumbers: boolean): void {
    if (usesNumbers && !isEarlier) throw new Error('VANISHED while numbers are in use');
    for (const uid of uids) {
      const at = this.messages.findIndex((message) => message.uid === uid);
      // One of those whose UIDs are not known yet; which one makes no difference.
      const found = at >= 0 || isEarlier ? at : (this.firstUnknown ?? 0) - 1;
      if (found >= 0) this.messages.splice(found, 1);
      else if (!isEarlier) throw new Error(`VANISHED of unknown ${uid}`);
    }
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
    const modSeq = /\bMODSEQ \((\d+)\)/.exec(response)?.[1];
    this.#seenModSeq = Math.max(this.#seenModSeq, Number(modSeq ?? 0));
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

/** The numbers of a set without "*". */
function numbersIn(set: string): number[] {
  return set.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split(':').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}
