/**
 * Real mail programs at work through HAProxy: imapflow appends and reads, node-pop3 reads. Each
 * goes on over any number of broken connections, as people's programs do, and keeps the ledger.
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import Pop3Command from 'node-pop3';
import type { ComposeAccount, PublicName } from './compose-project.ts';
import type { Ledger } from './ledger.ts';

/** Between two operations, as a busy program would do; short against any fault. */
const THINK_MS = 40;
/** Before a program connects again. */
const RETRY_MS = 100;
const CLIENT_LIMIT_MS = 10_000;
/** Then it logs in again: faults between logins would go unseen by programs that stay. */
const ROUNDS_PER_LOGIN = 25;
const SIZES = [300, 2_000, 20_000, 150_000] as const;

/** One program; `run` ends soon after `stop`. */
export interface MailProgram {
  readonly name: string;
  run(): Promise<void>;
  stop(): void;
}

/** What every program needs. */
export interface Desk {
  readonly account: ComposeAccount;
  readonly at: PublicName;
  readonly ledger: Ledger;
}

/** Appends messages that tell whose they are, and notes what was acknowledged. */
export function createAppender(desk: Desk): MailProgram {
  let count = 0;
  return createProgram(desk, 'append', async (runRounds) => {
    await using session = await openImap(desk, 'imaps');
    await runRounds(async () => {
      const size = SIZES[count % SIZES.length] ?? 0;
      const octets = makeMessage(desk.account.address, (count += 1), size);
      const done = await session.client.append('INBOX', octets);
      if (done === false || done.uid === undefined || done.uidValidity === undefined) {
        throw new Error('the connection ended in an APPEND');
      }
      desk.ledger.promises.push({
        account: desk.account.address,
        uidValidity: String(done.uidValidity),
        uid: done.uid,
        digest: digestOf(octets),
      });
    });
  });
}

/** Reads new messages, and looks whether everything is there that was promised before. */
export function createReader(desk: Desk): MailProgram {
  const { account, ledger } = desk;
  const seen = new Map<number, string>();
  return createProgram(desk, 'read', async (runRounds) => {
    await using session = await openImap(desk, 'imap');
    await session.client.mailboxOpen('INBOX');
    await runRounds(async () => {
      const promisedCount = ledger.promises.length;
      await session.client.noop();
      const nextUid = Math.max(0, ...seen.keys()) + 1;
      for await (const { uid, source } of session.client.fetch(
        `${nextUid}:*`,
        { uid: true, source: true },
        { uid: true },
      )) {
        // What else happened comes along: flags that the POP3 program's reading has set.
        if (source === undefined) continue;
        checkOwner(desk, source, uid);
        seen.set(uid, digestOf(source));
      }
      if (!session.client.usable) throw new Error('the connection ended in a FETCH');
      for (const promise of ledger.promises.slice(0, promisedCount)) {
        if (promise.account !== account.address) continue;
        const digest = seen.get(promise.uid);
        if (digest === promise.digest) continue;
        const what = digest === undefined ? 'was not read' : 'has other octets';
        ledger.breaches.push(`${account.address}: UID ${promise.uid} was promised and ${what}`);
        // Once is enough.
        seen.set(promise.uid, promise.digest);
      }
    });
  });
}

/** Logs in by POP3 for every look, and reads the newest message. */
export function createPop3Reader(desk: Desk): MailProgram {
  const { account, at } = desk;
  return createProgram(desk, 'pop3', async (runRounds) => {
    await runRounds(async () => {
      const client = new Pop3Command({
        user: account.address,
        password: account.password,
        host: at.host,
        port: at.ports.pop3s,
        tls: true,
        timeout: CLIENT_LIMIT_MS,
        servername: at.serverName,
        tlsOptions: { ca: at.ca },
      });
      const look = async (): Promise<void> => {
        const newest = Number((await client.STAT()).split(' ')[0]);
        if (newest > 0) checkOwner(desk, Buffer.from(await client.RETR(newest)), newest);
      };
      // It does not end its commands when the connection ends; it warns.
      const { promise: broken, reject } = Promise.withResolvers<never>();
      client.on('warn', reject);
      client.on('error', reject);
      try {
        await Promise.race([look(), broken]);
      } finally {
        // The maildrop is free when the server has closed the connection (RFC 1939 §6), not before.
        await Promise.race([client.QUIT().then(() => broken), broken]).catch(() => undefined);
      }
    });
  });
}

type Round = () => Promise<void>;

/** Logs in and goes its rounds, again and again; every round and every failure is noted. */
function createProgram(
  { account, ledger }: Desk,
  task: string,
  work: (runRounds: (round: Round) => Promise<void>) => Promise<void>,
): MailProgram {
  const name = `${account.address} ${task}`;
  let isStopped = false;
  const runRounds = async (round: Round): Promise<void> => {
    for (let left = ROUNDS_PER_LOGIN; left > 0 && !isStopped; left -= 1) {
      await round();
      ledger.note(name, account.site);
      await pause(THINK_MS);
    }
  };
  return {
    name,
    async run() {
      while (!isStopped) {
        try {
          await work(runRounds);
        } catch (error) {
          ledger.note(name, account.site, error);
          await pause(RETRY_MS);
        }
      }
    },
    stop() {
      isStopped = true;
    },
  };
}

/** @throws What the server or the network said. */
export async function openImap(
  { account, at }: Pick<Desk, 'account' | 'at'>,
  door: 'imap' | 'imaps',
): Promise<{ readonly client: ImapFlow } & AsyncDisposable> {
  const client = new ImapFlow({
    host: at.host,
    port: at.ports[door],
    secure: door === 'imaps',
    ...(door === 'imap' && { doSTARTTLS: true }),
    servername: at.serverName,
    tls: { ca: at.ca },
    auth: { user: account.address, pass: account.password },
    logger: false,
    connectionTimeout: CLIENT_LIMIT_MS,
    greetingTimeout: CLIENT_LIMIT_MS,
    socketTimeout: CLIENT_LIMIT_MS,
  });
  // Without a listener an error of a broken connection would end the test's process.
  client.on('error', () => undefined);
  await client.connect();
  return {
    client,
    async [Symbol.asyncDispose]() {
      if (client.usable) await client.logout().catch(() => undefined);
      client.close();
    },
  };
}

function makeMessage(owner: string, count: number, size: number): Buffer {
  const line = `${owner} ${count} ${randomBytes(6).toString('hex')}\r\n`;
  const head = `From: ${owner}\r\nSubject: ${owner} ${count}\r\nX-Owner: ${owner}\r\n\r\n`;
  return Buffer.from(head + line.repeat(Math.ceil(size / line.length)));
}

function checkOwner({ account, ledger }: Desk, octets: Buffer, which: number | string): void {
  const owner = /^X-Owner: (.*?)\r?$/m.exec(octets.toString('latin1'))?.[1];
  if (owner !== account.address) {
    ledger.breaches.push(`${account.address} was given message ${which} of ${owner ?? 'nobody'}`);
  }
}

/** What tells a message from all others. */
export function digestOf(octets: Buffer): string {
  return createHash('sha256').update(octets).digest('hex');
}
