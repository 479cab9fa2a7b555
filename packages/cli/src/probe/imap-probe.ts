/**
 * Test-ImapConnectivity's steps: log in, open the inbox, bring a test message, read it, delete it
 * and what earlier probes have left.
 */
import { HopFailure, type HopWatch } from './hop-watch.ts';
import type { ProbeCourse } from './probe-course.ts';
import type { ProbeLink } from './probe-link.ts';
import { createTestMessage, LEFTOVER_AGE_MS, PROBE_HEADER } from './test-message.ts';

interface Answer {
  readonly text: string;
  readonly untagged: readonly string[];
  /** The literals of the untagged responses, in order. */
  readonly literals: readonly Buffer[];
}

/** Throws `HopFailure` at the first step that fails. The caller closes the link. */
export async function probeImap(link: ProbeLink, course: ProbeCourse): Promise<void> {
  const { watch, connectionType, isLight } = course;
  const client = new ImapClient(link);
  await watch.measure('greeting', () => client.expectGreeting());
  if (connectionType === 'tls') {
    await watch.measure(
      'starttls',
      async () => {
        await client.run('STARTTLS');
        return link.startTls();
      },
      (tls) => tls,
    );
  }
  await watch.measure('login', () => logIn(client, course));
  if (!isLight) await useInbox(client, course);
  await watch.measure('logout', () => client.run('LOGOUT'));
}

async function logIn(client: ImapClient, { login, password }: ProbeCourse): Promise<void> {
  const isPlain = /^[\x20-\x7e]*$/.test(login + password);
  if (isPlain) {
    await client.run(`LOGIN ${quote(login)} ${quote(password)}`, 'LOGIN');
    return;
  }
  // Octets beyond ASCII have no place in a quoted string (RFC 3501 §9).
  const response = Buffer.from(`\0${login}\0${password}`).toString('base64');
  await client.run('AUTHENTICATE PLAIN', 'AUTHENTICATE PLAIN', response);
}

async function useInbox(client: ImapClient, course: ProbeCourse): Promise<void> {
  const { watch } = course;
  await watch.measure('select', () => client.run('SELECT INBOX'));
  const id = course.makeId();
  const uid = await watch.measure(
    'append',
    () => append(client, id, course),
    (found) => `UID ${found}`,
  );
  await watch.measure('fetch', () => fetchBack(client, uid, id));
  await deleteMessages(client, uid, course, watch);
}

/** @returns The message's UID. */
async function append(
  client: ImapClient,
  id: string,
  { login, nowMs }: ProbeCourse,
): Promise<string> {
  const mailbox = login.includes('@') && !/[\\/]/.test(login) ? login : 'probe@homeward.invalid';
  const message = createTestMessage(id, mailbox, nowMs());
  const { text } = await client.run(
    `APPEND INBOX (\\Seen) {${Buffer.byteLength(message)}}`,
    'APPEND',
    message,
  );
  const uid = /\[APPENDUID \d+ (\d+)\]/.exec(text)?.[1];
  if (uid !== undefined) return uid;
  // A server without UIDPLUS: find it by its mark.
  const [found] = await client.search(`HEADER ${PROBE_HEADER} ${id}`);
  if (found === undefined) throw new HopFailure('the message that was brought is not there');
  return found;
}

async function fetchBack(client: ImapClient, uid: string, id: string): Promise<void> {
  const { literals } = await client.run(`UID FETCH ${uid} (BODY.PEEK[])`);
  if (literals.some((octets) => octets.toString('latin1').includes(id))) return;
  throw new HopFailure('the message came back changed, or not at all');
}

async function deleteMessages(
  client: ImapClient,
  uid: string,
  { leavesMessage, nowMs }: ProbeCourse,
  watch: HopWatch,
): Promise<void> {
  await watch.measure(
    'delete',
    async () => {
      const before = formatDay(nowMs() - LEFTOVER_AGE_MS);
      const leftovers = await client.search(`HEADER ${PROBE_HEADER} "" BEFORE ${before}`);
      const uids = leavesMessage ? leftovers : [...leftovers, uid];
      if (uids.length > 0) await removeAll(client, uids);
      return leftovers.length;
    },
    (count) => {
      const own = leavesMessage ? 'its own was left' : 'its own';
      return count === 0 ? own : `${own}, and ${count} of earlier probes`;
    },
  );
}

async function removeAll(client: ImapClient, uids: readonly string[]): Promise<void> {
  const set = uids.join(',');
  await client.run(`UID STORE ${set} +FLAGS.SILENT (\\Deleted)`);
  // Never a plain EXPUNGE: it would take other messages that a person has marked.
  await client.run(`UID EXPUNGE ${set}`);
}

/** Commands one at a time; each throws `HopFailure` unless it is answered OK. */
class ImapClient {
  readonly #link: ProbeLink;
  #count = 0;

  constructor(link: ProbeLink) {
    this.#link = link;
  }

  async expectGreeting(): Promise<void> {
    const line = await this.#link.readLine();
    if (!line.startsWith('* OK')) throw new HopFailure(`the server said: ${line}`);
  }

  async search(program: string): Promise<readonly string[]> {
    const { untagged } = await this.run(`UID SEARCH ${program}`);
    const line = untagged.find((text) => text.startsWith('* SEARCH')) ?? '';
    return line.match(/\d+/g) ?? [];
  }

  /**
   * @param name For errors: a command may hold a secret.
   * @param more Sent when the server asks for it.
   */
  async run(command: string, name: string = command, more?: string): Promise<Answer> {
    this.#count += 1;
    const tag = `p${this.#count}`;
    this.#link.send(`${tag} ${command}`);
    const untagged: string[] = [];
    const literals: Buffer[] = [];
    for (;;) {
      const line = await this.#link.readLine();
      if (line.startsWith('+ ') || line === '+') {
        if (more === undefined) throw new HopFailure(`${name}: the server asks for more`);
        this.#link.send(more);
      } else if (line.startsWith(`${tag} `)) {
        const [, status, text = ''] = /^\S+ (\S+) ?(.*)$/.exec(line) ?? [];
        if (status === 'OK') return { text, untagged, literals };
        throw new HopFailure(`${name}: ${status} ${text}`);
      } else {
        untagged.push(line);
        const size = /\{(\d+)\}$/.exec(line)?.[1];
        if (size !== undefined) literals.push(await this.#link.readOctets(Number(size)));
      }
    }
  }
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** RFC 3501 §9 date. */
function formatDay(ms: number): string {
  const [, day, month, year] = new Date(ms).toUTCString().split(' ');
  return `${Number(day)}-${month}-${year}`;
}
