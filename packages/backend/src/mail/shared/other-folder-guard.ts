/**
 * Answers for a folder of another's mailbox while a session has it open: what it is called there,
 * where its messages may go, and when the session has to leave it. Keeps the mailbox open as long.
 */
import type { CopyResult, FolderPort, Outcome, Uid } from '@homeward/imap/session';
import type { FolderRights } from '../rights/folder-rights.ts';
import { type FolderGuard, GuardedFolder } from '../rights/guarded-folder.ts';
import type { OtherMailbox } from './other-mailboxes.ts';
import { formatOtherPath, parseOtherPath } from './other-users-path.ts';

/** Copies to whatever the session names. */
export interface CopyRouter {
  copy(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  move(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
}

export class OtherFolderGuard implements FolderGuard {
  readonly #mailbox: OtherMailbox;
  readonly #address: string;
  readonly #router: CopyRouter;
  #endWatch: (() => void) | undefined;

  constructor(mailbox: OtherMailbox, address: string, router: CopyRouter) {
    this.#mailbox = mailbox;
    this.#address = address;
    this.#router = router;
  }

  /** Whose folder it is; undefined for one's own. */
  static addressOf(this: void, folder: FolderPort): string | undefined {
    return folder instanceof GuardedFolder ? parseOtherPath(folder.path)?.address : undefined;
  }

  /** From now until it is closed the folder follows changes of rights. */
  watch(folder: GuardedFolder): void {
    this.#endWatch = this.#mailbox.onRightsChanged(() => void folder.recheck());
  }

  rightsOn(path: string): Promise<FolderRights> {
    return this.#mailbox.guarded.rightsOn(path);
  }

  outerPath(path: string): string {
    return formatOtherPath(this.#address, path);
  }

  copy(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const within = this.#within(toPath);
    if (within !== undefined) return this.#mailbox.guarded.copy(source, uids, within);
    return this.#router.copy(source, uids, toPath);
  }

  move(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const within = this.#within(toPath);
    if (within !== undefined) return this.#mailbox.guarded.move(source, uids, within);
    return this.#router.move(source, uids, toPath);
  }

  closed(): void {
    this.#endWatch?.();
    this.#mailbox.close();
  }

  /** The target's name in the same mailbox. */
  #within(toPath: string): string | undefined {
    const target = parseOtherPath(toPath);
    return target?.address === this.#address && target.rest !== '' ? target.rest : undefined;
  }
}
