/**
 * Writes sample mail into the demo's mailboxes, through their owners as everybody does. All
 * commands of a mailbox are sent before the first answer is read, so that the store makes them
 * durable together.
 */
import type { AccountRecord } from '@homeward/directory';
import { formatInternalDate, formatMailbox } from '@homeward/imap/grammar';
import { sampleMailbox, type SampleFolder } from '@homeward/samples';
import { OperatorError } from '../output/operator-error.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';

/** A mailbox to fill. */
export interface EmptyMailbox {
  readonly account: AccountRecord;
  readonly displayName: string;
  readonly seed: number;
}

export interface FillParts {
  readonly connect: (account: AccountRecord) => Promise<OwnerConnection>;
  readonly nowMs: number;
  /** Told after each mailbox. */
  readonly onFilled: (address: string) => void;
  readonly signal: AbortSignal;
}

/** More would only wait for each other. */
const AT_ONCE = 4;

/** @throws OperatorError if a site refuses its own sample mail. */
export async function fillMailboxes(
  mailboxes: readonly EmptyMailbox[],
  parts: FillParts,
): Promise<void> {
  const queue = mailboxes.values();
  const fillSome = async (): Promise<void> => {
    for (const mailbox of queue) {
      if (parts.signal.aborted) return;
      await fillMailbox(mailbox, parts);
      parts.onFilled(mailbox.account.address);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fillSome));
}

async function fillMailbox(mailbox: EmptyMailbox, parts: FillParts): Promise<void> {
  const { account, displayName, seed } = mailbox;
  const { folders } = sampleMailbox({
    ownerAddress: account.address,
    ownerName: displayName,
    seed,
    nowMs: parts.nowMs,
  });
  const connection = await parts.connect(account);
  try {
    const sent: string[] = [];
    for (const folder of folders) await sendFolder(connection, folder, sent);
    for (const what of sent) {
      const answer = await connection.nextAnswer();
      if (answer.status === 'OK' || answer.text.startsWith('[ALREADYEXISTS]')) continue;
      throw new OperatorError(`${account.address}: ${what}: ${answer.text}`);
    }
  } finally {
    await connection.close();
  }
}

async function sendFolder(
  connection: OwnerConnection,
  { path, isSubscribed, messages }: SampleFolder,
  sent: string[],
): Promise<void> {
  const name = formatMailbox(path);
  const send = async (command: string, literal?: Uint8Array): Promise<void> => {
    await connection.send(command, literal);
    sent.push(command);
  };
  if (path !== 'INBOX') await send(`CREATE ${name}`);
  await send(`${isSubscribed ? 'SUBSCRIBE' : 'UNSUBSCRIBE'} ${name}`);
  for (const { flags, internalDateMs, octets } of messages) {
    const date = formatInternalDate({ epochMs: internalDateMs, zoneMinutes: 0 });
    await send(`APPEND ${name} (${flags.join(' ')}) ${date}`, octets);
  }
}
