/** All folders at one moment, by name, and what LIST says of each (RFC 5258, RFC 5465 §5.4). */
import { folderAttributes } from '../list/list-entries.ts';
import type { FolderSummary, MailboxPort } from '../ports.ts';

export class FolderListing {
  readonly #folders: ReadonlyMap<string, FolderSummary>;
  readonly #deadSubscriptions: ReadonlySet<string>;

  private constructor(folders: readonly FolderSummary[], dead: readonly string[]) {
    this.#folders = new Map(folders.map((folder) => [folder.path, folder]));
    this.#deadSubscriptions = new Set(dead);
  }

  static async read(mailbox: MailboxPort): Promise<FolderListing> {
    return new FolderListing(await mailbox.listFolders(), await mailbox.listDeadSubscriptions());
  }

  get folders(): Iterable<FolderSummary> {
    return this.#folders.values();
  }

  find(path: string): FolderSummary | undefined {
    return this.#folders.get(path);
  }

  /** A folder as filters see it, also one that is gone. */
  summaryOf(path: string): FolderSummary {
    return (
      this.#folders.get(path) ?? {
        path,
        isSelectable: false,
        hasChildren: false,
        isSubscribed: this.#deadSubscriptions.has(path),
        specialUse: undefined,
      }
    );
  }

  attributesOf(path: string): string {
    const folder = this.#folders.get(path);
    const attributes = folder === undefined ? ['\\NonExistent'] : folderAttributes(folder);
    if (this.summaryOf(path).isSubscribed) attributes.push('\\Subscribed');
    return attributes.join(' ');
  }
}
