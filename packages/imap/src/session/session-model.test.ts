/**
 * Several sessions on one mailbox do what comes to their minds, at the same time. Each client
 * believes what it is told, and whenever it has asked for news it must be right: numbers, UIDs
 * and flags (RFC 3501 §5.2, §5.5, §7.4.1).
 */
import { createSeededRandom } from '@homeward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemoryMailbox } from './memory/memory-mailbox.ts';
import { ClientModel } from './testing/client-model.ts';
import { type Answer, SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';
import { turns } from './testing/turns.ts';

const FLAGS = ['\\Seen', '\\Deleted', '\\Flagged', '$Work', '$work', '$Other'];

/** Which messages are meant: fractions of what the client sees, so that they always exist. */
type Choice = {
  readonly kind: 'one' | 'range' | 'all' | 'last';
  readonly from: number;
  readonly to: number;
};

type Action =
  | { readonly do: 'noop' | 'check' | 'expunge' | 'idle' | 'search' | 'append' | 'reselect' }
  | { readonly do: 'uid-search' | 'search-text' | 'other-append' | 'reconnect' | 'forget' }
  | {
      readonly do: 'uid-expunge' | 'fetch-flags' | 'fetch-body' | 'fetch-uid';
      readonly choice: Choice;
      readonly byUid: boolean;
    }
  | {
      readonly do: 'copy' | 'move';
      readonly choice: Choice;
      readonly byUid: boolean;
      readonly isHere: boolean;
    }
  | {
      readonly do: 'store';
      readonly choice: Choice;
      readonly byUid: boolean;
      readonly sign: '' | '+' | '-';
      readonly isSilent: boolean;
      readonly isConditional: boolean;
      readonly flags: readonly string[];
    };

const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
const choice: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constantFrom('one', 'one', 'range', 'all', 'last'),
  from: fraction,
  to: fraction,
});
const store: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('store'),
  choice,
  byUid: fc.boolean(),
  sign: fc.constantFrom('', '+', '-'),
  isSilent: fc.boolean(),
  isConditional: fc.boolean(),
  flags: fc.subarray(FLAGS),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      'noop',
      'check',
      'expunge',
      'idle',
      'search',
      'append',
      'reselect',
      'uid-search',
      'search-text',
      'other-append',
      'reconnect',
      'forget',
    ),
  }),
  fc.record({
    do: fc.constantFrom('uid-expunge', 'fetch-flags', 'fetch-body', 'fetch-uid'),
    choice,
    byUid: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom('copy', 'move'),
    choice,
    byUid: fc.boolean(),
    isHere: fc.boolean(),
  }),
  store,
  store,
  store,
);

/** What each client enables, and whether it may write. */
const CLIENTS: readonly (readonly [enabled: string, isReadOnly: boolean])[] = [
  ['', false],
  ['QRESYNC', false],
  ['CONDSTORE', false],
  ['QRESYNC', true],
  ['NOTIFY', false],
];
const NOTIFY =
  'NOTIFY SET (selected-delayed (MessageNew (UID FLAGS) MessageExpunge FlagChange))' +
  ' (personal (MessageNew MessageExpunge FlagChange MailboxName))';
/** What each session does in a round, all at the same time; undefined does nothing. */
const rounds = fc.array(
  fc.tuple(...CLIENTS.map(() => fc.option(action, { nil: undefined, freq: 3 }))),
  { minLength: 1, maxLength: 12 },
);

describe('sessions on one mailbox', () => {
  it('never leave a client with a wrong belief', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, fc.nat(), fc.nat({ max: 5 }), async (script, seed, messageCount) => {
        const random = createSeededRandom(seed);
        const mailbox = createTestMailbox({ pause: () => turns(Math.floor(random() * 4)) });
        await mailbox.createFolder('Other', true);
        for (let number = 0; number < messageCount; number += 1) await deliver(mailbox, message());
        const clients = CLIENTS.map((row) => new Client(mailbox, ...row));
        for (const client of clients) await client.start();
        for (const round of script) {
          await Promise.all(
            clients.map(async (client, at) => {
              const wanted = round[at];
              if (wanted !== undefined) await client.perform(wanted);
            }),
          );
        }
        for (const client of clients) await client.checkBeliefs();
        for (const client of clients) await client.leave();
        expect(mailbox.holdCount).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

/** A client with its beliefs. */
class Client {
  #peer: SessionPeer;
  readonly #mailbox: MemoryMailbox;
  readonly #model = new ClientModel();
  readonly #enabled: string;
  readonly #isReadOnly: boolean;
  #uidValidity = 0;
  #tagCount = 0;

  constructor(mailbox: MemoryMailbox, enabled: string, isReadOnly: boolean) {
    this.#mailbox = mailbox;
    this.#enabled = enabled;
    this.#isReadOnly = isReadOnly;
    this.#peer = this.#connect();
  }

  async start(): Promise<void> {
    if (this.#enabled === 'NOTIFY') await this.#ask(NOTIFY, false);
    else if (this.#enabled !== '') await this.#ask(`ENABLE ${this.#enabled}`, false);
    await this.#select('');
  }

  #connect(): SessionPeer {
    return new SessionPeer({ mailbox: this.#mailbox, breathe: () => turns(1) });
  }

  async #select(parameters: string): Promise<void> {
    const line = `${this.#isReadOnly ? 'EXAMINE' : 'SELECT'} INBOX${parameters}`;
    if (parameters === '') this.#model.clear();
    const { untagged } = await this.#ask(line, false);
    this.#uidValidity = Number(/\[UIDVALIDITY (\d+)\]/.exec(untagged.join('\n'))?.[1]);
    await this.#learnNew();
  }

  /** Loses the connection, comes back, and asks for what happened meanwhile. */
  async #reconnect(): Promise<void> {
    this.#peer.client.destroy();
    await this.#peer.ended;
    this.#peer = this.#connect();
    if (this.#enabled !== 'QRESYNC') return this.start();
    await this.#ask('ENABLE QRESYNC', false);
    this.#model.disconnect();
    await this.#select(` (QRESYNC (${this.#uidValidity} ${Math.max(1, this.#model.modSeq)}))`);
  }

  async perform(wanted: Action): Promise<void> {
    await this.#perform(wanted);
    await this.#learnNew();
  }

  /** Asks for news, after which nothing may be unknown or wrong. */
  async checkBeliefs(): Promise<void> {
    await this.#ask('NOOP', false);
    await this.#learnNew();
    const folder = await this.#mailbox.openFolder('INBOX', true);
    if (!folder.ok) throw new Error(folder.reason);
    const { index } = folder.value;
    const { values, length } = index.uids;
    expect(this.#model.uids).toEqual([...values.subarray(0, length)]);
    for (let at = 0; at < length; at += 1) {
      const truth = index.flagsAt(at).names.map((name) => name.toLowerCase());
      expect([...(this.#model.messages[at]?.flags ?? [])].toSorted()).toEqual(truth.toSorted());
    }
    folder.value.close();
  }

  async leave(): Promise<void> {
    await this.#ask('LOGOUT', false);
    expect(await this.#peer.ended).toBe('logged-out');
  }

  async #perform(wanted: Action): Promise<void> {
    switch (wanted.do) {
      case 'noop':
      case 'check':
      case 'expunge':
        await this.#ask(wanted.do.toUpperCase(), false);
        return;
      case 'idle':
        return this.#idle();
      case 'reselect':
        await this.#ask('UNSELECT', false);
        return this.#select('');
      case 'reconnect':
        return this.#reconnect();
      case 'forget':
        this.#mailbox.forgetExpunged('INBOX');
        return;
      case 'append': {
        const text = message();
        await this.#ask(`APPEND INBOX ($Work) {${text.length}+}\r\n${text}`, false);
        return;
      }
      case 'other-append':
        return deliver(this.#mailbox, message());
      case 'search':
        return this.#search('SEARCH UNDELETED', false);
      case 'search-text':
        return this.#search('SEARCH OR SUBJECT 1 BODY 2', false);
      case 'uid-search':
        return this.#search('UID SEARCH 1:* NOT KEYWORD $Other', true);
      case 'uid-expunge':
        await this.#ask(`UID EXPUNGE ${this.#set(wanted.choice, true)}`, false);
        return;
      case 'fetch-flags':
        return this.#numbered('FETCH', wanted, 'FLAGS');
      case 'fetch-uid':
        return this.#numbered('FETCH', wanted, '(UID RFC822.SIZE)');
      case 'fetch-body':
        return this.#numbered('FETCH', wanted, '(BODY[TEXT] ENVELOPE)');
      case 'copy':
      case 'move':
        return this.#copy(wanted);
      case 'store':
        return this.#store(wanted);
    }
  }

  async #numbered(
    name: string,
    { choice: chosen, byUid }: { readonly choice: Choice; readonly byUid: boolean },
    rest: string,
  ): Promise<void> {
    await this.#ask(`${byUid ? 'UID ' : ''}${name} ${this.#set(chosen, byUid)} ${rest}`, !byUid);
  }

  async #copy(wanted: Extract<Action, { readonly do: 'copy' | 'move' }>): Promise<void> {
    const { byUid, isHere } = wanted;
    const set = this.#set(wanted.choice, byUid);
    const target = isHere ? 'INBOX' : 'Other';
    const line = `${byUid ? 'UID ' : ''}${wanted.do.toUpperCase()} ${set} ${target}`;
    const { untagged, tagged } = await this.#ask(line, false);
    const code = /\[COPYUID \d+ (\S+) (\S+)\]/.exec([...untagged, tagged].join('\n'));
    if (code !== null) expect(countOf(code[1] ?? '')).toBe(countOf(code[2] ?? ''));
  }

  async #store(wanted: Extract<Action, { readonly do: 'store' }>): Promise<void> {
    const { byUid, sign, isConditional, flags } = wanted;
    // Of flags that come on their way it could not tell whether they came before or after.
    const isSilent = wanted.isSilent && this.#enabled !== 'NOTIFY';
    const condition =
      isConditional && this.#enabled !== '' ? ` (UNCHANGEDSINCE ${this.#model.modSeq})` : '';
    const set = this.#set(wanted.choice, byUid);
    const item = `${sign}FLAGS${isSilent ? '.SILENT' : ''}`;
    // What it asked for in silence it believes from the moment on; answers may know better.
    if (isSilent && !this.#isReadOnly) {
      this.#model.changeSilently(this.#meant(set, byUid), { sign, flags });
    }
    await this.#ask(
      `${byUid ? 'UID ' : ''}STORE ${set}${condition} ${item} (${flags.join(' ')})`,
      !byUid,
    );
  }

  async #search(line: string, byUid: boolean): Promise<void> {
    const count = this.#model.messages.length;
    const uids = new Set(this.#model.uids);
    const { untagged } = await this.#ask(line, !byUid);
    const found = untagged.filter((text) => text.startsWith('* SEARCH'));
    expect(found).toHaveLength(1);
    const numbers = (found[0] ?? '').split(' ').slice(2).map(Number);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((left, right) => left - right));
    for (const number of numbers) {
      // Who hears of new messages at any time may have heard of some just before.
      const isKnown = byUid ? uids.has(number) : number >= 1 && number <= count;
      expect(isKnown || this.#enabled === 'NOTIFY').toBe(true);
    }
  }

  async #idle(): Promise<void> {
    const tag = this.#nextTag();
    this.#peer.send(`${tag} IDLE\r\n`);
    await turns(5);
    this.#peer.send('DONE\r\n');
    this.#believe(await this.#peer.readAnswer(tag), false);
  }

  /** A client that hears of new messages asks for them. */
  async #learnNew(): Promise<void> {
    for (;;) {
      const first = this.#model.firstUnknown;
      if (first === undefined) return;
      const last = this.#model.messages.length;
      const { tagged } = await this.#ask(`FETCH ${first}:${last} (UID FLAGS)`, true);
      // Some may be gone before anything was said of them; numbers go only when asked openly.
      if (tagged.includes('[EXPUNGEISSUED]')) await this.#ask('NOOP', false);
    }
  }

  async #ask(line: string, usesNumbers: boolean): Promise<Answer> {
    const tag = this.#nextTag();
    this.#peer.send(`${tag} ${line}\r\n`);
    const answer = await this.#peer.readAnswer(tag);
    this.#believe(answer, usesNumbers);
    // Nothing that is asked here is wrong, but some of it may have become impossible.
    expect(answer.tagged).toMatch(/^\S+ (OK|NO \[(EXPUNGEISSUED\]|READ-ONLY\]|MODIFIED ))/);
    return answer;
  }

  #believe({ untagged, tagged }: Answer, usesNumbers: boolean): void {
    for (const response of inOrder(untagged)) this.#model.apply(response, usesNumbers);
    this.#model.conclude(tagged);
  }

  #nextTag(): string {
    this.#tagCount += 1;
    return `t${this.#tagCount}`;
  }

  /** A set that names messages the client sees; `1:*` where it sees none. */
  #set({ kind, from, to }: Choice, byUid: boolean): string {
    const { messages } = this.#model;
    if (kind === 'all' || messages.length === 0) return '1:*';
    if (kind === 'last') return '*';
    const name = (part: number): number => {
      const at = Math.floor(part * messages.length);
      return byUid ? (messages[at]?.uid ?? 1) : at + 1;
    };
    return kind === 'one' ? `${name(from)}` : `${name(from)}:${name(to)}`;
  }

  /** UIDs of the messages that a set names. */
  #meant(set: string, byUid: boolean): ReadonlySet<number> {
    const { messages } = this.#model;
    const last = byUid ? (messages.at(-1)?.uid ?? 0) : messages.length;
    const ends = set.split(':').map((end) => (end === '*' ? last : Number(end)));
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    return new Set(
      messages.flatMap(({ uid }, at) => {
        const number = byUid ? uid : at + 1;
        return uid !== undefined && number !== undefined && number >= low && number <= high
          ? [uid]
          : [];
      }),
    );
  }
}

let messageNumber = 0;

function message(): string {
  messageNumber += 1;
  return `Subject: ${messageNumber}\r\n\r\nText of ${messageNumber}\r\n`;
}

/** What vanished earlier is dropped before anything is counted (RFC 7162 §3.2.10.1). */
function inOrder(untagged: readonly string[]): readonly string[] {
  const isEarlier = (text: string): boolean => text.startsWith('* VANISHED (EARLIER)');
  return [...untagged.filter(isEarlier), ...untagged.filter((text) => !isEarlier(text))];
}

/** How many numbers a set names. */
function countOf(set: string): number {
  return set.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split(':').map(Number);
    return sum + last - first + 1;
  }, 0);
}
