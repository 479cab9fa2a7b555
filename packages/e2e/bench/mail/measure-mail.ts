/** What is measured of a mail service: messages taken, what each one costs until it is delivered. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { WrongAnswerError } from '../../src/load/imap-load.ts';
import type { DottedMessage, SmtpLoad } from '../../src/load/smtp-load.ts';
import { readCpuMs } from '../backend/process-cost.ts';
import type { MailSender, MailTarget } from './mail-target.ts';

/** One measurement. A message to many recipients counts once for each. */
export interface MailSample {
  /** Until the last one was taken. */
  readonly takenPerSecond: number;
  /** Of all the service's processes, until everything was delivered. */
  readonly cpuMsPerMessage: number;
  /** From the first one on until the last one was in its mailbox. */
  readonly deliveredMs: number;
}

/** How much mail. */
export interface MailLoad {
  readonly messages: readonly DottedMessage[];
  /** Clients at once; each recipient of the first so many gets the same share. */
  readonly clientCount: number;
  /** Of the message to many. */
  readonly recipientCount: number;
}

/** What a row sends. */
export interface Sending {
  /** Messages in mailboxes that come of it. */
  readonly count: number;
  /** Mailboxes that are looked into afterwards, and messages that must be there. */
  readonly checked: readonly string[];
  readonly checkedCount: number;
  readonly run: () => Promise<void>;
}

/** Where a client gets its sessions from. */
export interface Sessions {
  readonly open: (target: MailTarget, client: number) => Promise<SmtpLoad>;
  /** One for each message, or one for all. */
  readonly isFresh: boolean;
}

/** What a service does behind its answers is its price, too. */
const REST_MS = 300;
/** Of the recipients of a message to many. */
const CHECK_EVERY = 25;

export const SUBMISSION: Sessions = { open: openSession, isFresh: false };
export const SUBMISSION_EACH: Sessions = { open: openSession, isFresh: true };
export const LMTP: Sessions = { open: (target) => target.openLmtp(), isFresh: false };

/** Runs it once. @throws WrongAnswerError if a message was refused, or is not there. */
export async function measureMail(
  target: MailTarget,
  { count, checked, checkedCount, run }: Sending,
): Promise<MailSample> {
  const before = await target.countMessages(checked);
  const cpuBeforeMs = readCpuMs(target.listPids());
  const startedMs = performance.now();
  await run();
  const takenMs = performance.now() - startedMs;
  await target.awaitDelivered();
  const deliveredMs = performance.now() - startedMs;
  await sleep(REST_MS);
  const cpuMs = readCpuMs(target.listPids()) - cpuBeforeMs;
  const found = (await target.countMessages(checked)) - before;
  if (found !== checkedCount) {
    throw new WrongAnswerError(`${found} messages in mailboxes, not ${checkedCount}`);
  }
  return { takenPerSecond: (count * 1_000) / takenMs, deliveredMs, cpuMsPerMessage: cpuMs / count };
}

/** All messages, each to one recipient, by all clients at once. */
export function manyMessages(target: MailTarget, load: MailLoad, sessions: Sessions): Sending {
  const count = load.messages.length;
  const checked = target.recipients.slice(0, load.clientCount);
  return { count, checked, checkedCount: count, run: () => sendAll(target, load, sessions) };
}

/** One message to many recipients in one transaction. */
export function oneToMany(target: MailTarget, load: MailLoad): Sending {
  const recipients = target.recipients.slice(0, load.recipientCount);
  const checked = recipients.filter((_name, index) => index % CHECK_EVERY === 0);
  const run = async (): Promise<void> => {
    const [message] = load.messages;
    if (message === undefined) throw new Error('there is no message');
    await using session = await openSession(target, 0);
    await session.send(senderOf(target, 0).name, recipients, message);
  };
  return { count: recipients.length, checked, checkedCount: checked.length, run };
}

async function sendAll(
  target: MailTarget,
  { messages, clientCount }: MailLoad,
  { open, isFresh }: Sessions,
): Promise<void> {
  let next = 0;
  const send = async (client: number): Promise<void> => {
    await using stack = new AsyncDisposableStack();
    let kept: SmtpLoad | undefined;
    for (let index = next++; index < messages.length; index = next++) {
      const recipient = target.recipients[index % clientCount];
      const message = messages[index];
      if (recipient === undefined || message === undefined) throw new Error('too few recipients');
      const session = kept ?? (await open(target, client));
      await session.send(senderOf(target, client).name, [recipient], message);
      if (isFresh) await session[Symbol.asyncDispose]();
      else kept ??= stack.use(session);
    }
  };
  await Promise.all(Array.from({ length: clientCount }, (_, client) => send(client)));
}

async function openSession(target: MailTarget, client: number): Promise<SmtpLoad> {
  const session = await target.openSubmission();
  const { name, password } = senderOf(target, client);
  await session.logIn(name, password);
  return session;
}

function senderOf({ senders, name }: MailTarget, client: number): MailSender {
  const sender = senders[client % senders.length];
  if (sender === undefined) throw new Error(`${name} has no sender`);
  return sender;
}
