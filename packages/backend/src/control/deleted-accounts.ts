/**
 * Mailboxes that were moved aside, with what was known of their accounts: a file of mode 600 in
 * the folder of each, so that both come back together or go together.
 */
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DeletedMailbox,
  listDeletedMailboxes,
  purgeDeletedMailboxes,
  undeleteMailbox,
} from '@homeward/mailstore';
import { z } from 'zod';
import type { CareAnswer, DeletedFacts } from './care-job.ts';

const FILE = 'account.json';
const DAY_MS = 86_400_000;

/** What of the file has a meaning here. */
const subject = z.object({ account: z.object({ address: z.string() }) });

export interface DeletedAccountsOptions {
  /** Of the volume. */
  readonly root: string;
  readonly keepDays: number;
}

/** Knows them by looking: another process may have moved one meanwhile. */
export class DeletedAccounts {
  readonly #options: DeletedAccountsOptions;

  constructor(options: DeletedAccountsOptions) {
    this.#options = options;
  }

  /** The latest first. */
  async list(): Promise<readonly DeletedFacts[]> {
    const found = await listDeletedMailboxes(this.#options.root);
    return Promise.all(found.map((one) => this.#describe(one)));
  }

  async read(accountId: string, deletedMs: number): Promise<CareAnswer<string>> {
    const found = await this.#find(accountId, deletedMs);
    const text = found && (await readText(found));
    return text === undefined ? { ok: false, reason: 'nonexistent' } : { ok: true, value: text };
  }

  /** Notes the account of the mailbox that was moved aside last. */
  async note(accountId: string, account: string): Promise<CareAnswer<DeletedFacts>> {
    const latest = (await listDeletedMailboxes(this.#options.root)).find(
      (one) => one.accountId === accountId,
    );
    if (latest === undefined) return { ok: false, reason: 'nonexistent' };
    const draft = join(latest.folder, `${FILE}.new`);
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(account);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, join(latest.folder, FILE));
    return { ok: true, value: await this.#describe(latest) };
  }

  async bringBack(accountId: string, deletedMs: number): Promise<CareAnswer<DeletedFacts>> {
    const found = await this.#find(accountId, deletedMs);
    if (found === undefined) return { ok: false, reason: 'nonexistent' };
    const facts = await this.#describe(found);
    const text = await readText(found);
    // It holds hashes of secrets, and belongs to no mailbox that is in use.
    await unlink(join(found.folder, FILE)).catch(() => {});
    const outcome = await undeleteMailbox({ root: this.#options.root, accountId, deletedMs });
    if (outcome.ok) return { ok: true, value: facts };
    if (text !== undefined) await this.note(accountId, text);
    return outcome;
  }

  async purge(deletedBeforeMs: number): Promise<readonly DeletedFacts[]> {
    const { root } = this.#options;
    const due = (await this.list()).filter(({ deletedMs }) => deletedMs < deletedBeforeMs);
    const gone = new Set((await purgeDeletedMailboxes({ root, deletedBeforeMs })).map(nameOf));
    return due.filter((one) => gone.has(nameOf(one)));
  }

  /** What is kept for longer than it has to be. */
  purgeDue(nowMs: number): Promise<readonly DeletedFacts[]> {
    return this.purge(nowMs - this.#options.keepDays * DAY_MS);
  }

  async #find(accountId: string, deletedMs: number): Promise<DeletedMailbox | undefined> {
    const found = await listDeletedMailboxes(this.#options.root);
    return found.find((one) => one.accountId === accountId && one.deletedMs === deletedMs);
  }

  async #describe(mailbox: DeletedMailbox): Promise<DeletedFacts> {
    const { accountId, deletedMs } = mailbox;
    return {
      accountId,
      deletedMs,
      keptUntilMs: deletedMs + this.#options.keepDays * DAY_MS,
      address: addressIn(await readText(mailbox)),
    };
  }
}

function nameOf({ accountId, deletedMs }: Pick<DeletedFacts, 'accountId' | 'deletedMs'>): string {
  return `${accountId}.${deletedMs}`;
}

async function readText({ folder }: DeletedMailbox): Promise<string | undefined> {
  return readFile(join(folder, FILE), 'utf8').catch(() => undefined);
}

function addressIn(text: string | undefined): string | undefined {
  try {
    return subject.safeParse(JSON.parse(text ?? '')).data?.account.address;
  } catch {
    return undefined;
  }
}
