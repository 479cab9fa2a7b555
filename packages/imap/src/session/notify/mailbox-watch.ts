/**
 * What a client wants to hear of unasked (RFC 5465): of its selected folder, and of all others.
 * Events are gathered as they are published and told when the session has a moment, in or out of
 * commands.
 *
 * Gap: events that this client caused are told to it as well, which RFC 5465 §5 advises against,
 * and of messages that it appended to its selected folder, too. The store does not say who did
 * something, and leaving out what another did in the same moment would be worse.
 */
import type { FetchItem, NotifyEvent, NotifyGroup, StatusItem } from '../../grammar/command.ts';
import { formatAstring } from '../../grammar/responses/strings.ts';
import { formatStatusItems } from '../commands/status.ts';
import { type FolderFilter, compileFilter } from '../list/filtered-mailboxes.ts';
import type { FolderStatus, FolderSummary, MailboxEvent } from '../ports.ts';
import type { SessionContext } from '../session-context.ts';
import { FolderListing } from './folder-listing.ts';
import { PendingEvents } from './pending-events.ts';
import type { SelectedWishes, Watch } from './watch.ts';

/** Events told between two pauses for others. */
const BATCH = 50;

export class MailboxWatch implements Watch {
  readonly #context: SessionContext;
  readonly #groups: readonly (NotifyGroup & { readonly isMeant: FolderFilter })[];
  readonly #selected: NotifyGroup | undefined;
  readonly #pending = new PendingEvents();
  readonly #told = new Map<string, FolderStatus>();
  /** Entry names by path; "" for the account's own: what is removed must be told by name. */
  readonly #entries = new Map<string, readonly string[]>();
  #listing: FolderListing | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(context: SessionContext, groups: readonly NotifyGroup[]) {
    this.#context = context;
    this.#selected = groups.find(({ filter }) => filter.filter.startsWith('selected'));
    this.#groups = groups
      .filter((group) => group !== this.#selected)
      .map((group) => ({ ...group, isMeant: compileFilter(group.filter) }));
  }

  get wishes(): SelectedWishes {
    const events = this.#selected?.events;
    if (events === undefined || !events.has('message-new')) return 'nothing';
    return events.has('flag-change') ? 'all' : 'messages';
  }

  get tellsExpungesAnytime(): boolean {
    return this.#selected?.filter.filter === 'selected';
  }

  get newItems(): readonly FetchItem[] | undefined {
    return this.#selected?.newItems;
  }

  /** Begins to watch. @param wantsStatus Counts of all folders are wanted at once. */
  async begin(wantsStatus: boolean): Promise<void> {
    if (this.#groups.every(({ events }) => events.size === 0)) return;
    const { mailbox, gate } = this.#context;
    this.#unsubscribe = mailbox.subscribeMailbox((event) => {
      this.#pending.add(event);
      gate.wake();
    });
    const listing = await FolderListing.read(mailbox);
    this.#listing = listing;
    let order = 0;
    for (const folder of listing.folders) {
      await this.#beginFolder(folder, wantsStatus);
      order += 1;
      if (order % BATCH === 0 && !(await this.#context.breathe())) return;
    }
    if (this.#wantsOfAccount()) await this.#readEntries('');
  }

  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Tells what happened since the last time. */
  async tell(): Promise<void> {
    const events = this.#pending.take();
    if (this.#pending.hasOverflown) {
      this.#context.writer.untagged('OK [NOTIFICATIONOVERFLOW] Too much happens to tell of it');
      this.#context.setWatch(new MailboxWatch(this.#context, []));
      return;
    }
    if (events.length === 0) return;
    const listing = await this.#renewListing(events);
    for (const [order, event] of events.entries()) {
      await this.#tellEvent(event, listing);
      if (order % BATCH === BATCH - 1 && !(await this.#context.breathe())) return;
    }
  }

  /** Read again only when names or subscriptions have changed; what is gone is forgotten. */
  async #renewListing(events: readonly MailboxEvent[]): Promise<FolderListing> {
    if (this.#listing !== undefined && events.every(({ kind }) => keepsListing.has(kind))) {
      return this.#listing;
    }
    const listing = await FolderListing.read(this.#context.mailbox);
    this.#listing = listing;
    for (const event of events) {
      const path = event.kind === 'renamed' ? event.oldPath : event.path;
      if (path === undefined || listing.find(path) !== undefined) continue;
      this.#told.delete(path);
      this.#entries.delete(path);
    }
    return listing;
  }

  async #beginFolder(folder: FolderSummary, wantsStatus: boolean): Promise<void> {
    const { path } = folder;
    if (this.#wants('mailbox-metadata-change', folder)) await this.#readEntries(path);
    if (!this.#wants('message-new', folder) || !folder.isSelectable || this.#isSelected(path)) {
      return;
    }
    const status = await this.#context.mailbox.statusOf(path);
    if (!status.ok) return this.#tellNoAccess(path, status.reason === 'no-permission');
    this.#told.set(path, status.value);
    if (wantsStatus) this.#tellStatus(path, status.value, this.#messageItems(folder));
  }

  /** RFC 5465 §3.1: it may be listed, and not be looked into. */
  #tellNoAccess(path: string, isRefused: boolean): void {
    if (!isRefused) return;
    const { writer } = this.#context;
    writer.untagged(`LIST (\\NoAccess) "/" ${this.#context.formatMailbox(path)}`);
  }

  async #tellEvent(event: MailboxEvent, listing: FolderListing): Promise<void> {
    switch (event.kind) {
      case 'messages':
        return await this.#tellMessages(event.path, listing);
      case 'created':
      case 'deleted':
        this.#tellName(event.path, listing);
        // RFC 5465 §5.4: its parent has other children now.
        return this.#tellName(parentOf(event.path), listing);
      case 'renamed':
        return this.#tellName(event.path, listing, event.oldPath);
      case 'subscribed':
      case 'unsubscribed':
        if (this.#wants('subscription-change', listing.summaryOf(event.path))) {
          this.#tellList(event.path, listing, '');
        }
        return;
      case 'metadata':
        return await this.#tellMetadata(event.path, listing);
      case 'rights':
        // Those of others to one's own folders: they change nothing for their owner.
        return;
    }
  }

  /** STATUS of another folder than the selected one (RFC 5465 §5.1, §5.2, §5.3). */
  async #tellMessages(path: string, listing: FolderListing): Promise<void> {
    const folder = listing.find(path);
    if (folder === undefined || !folder.isSelectable || this.#isSelected(path)) return;
    if (!this.#wants('message-new', folder)) return;
    const outcome = await this.#context.mailbox.statusOf(path);
    if (!outcome.ok) return;
    const before = this.#told.get(path);
    const now = outcome.value;
    this.#told.set(path, now);
    if (before === undefined || haveMessagesChanged(before, now)) {
      this.#tellStatus(path, now, this.#messageItems(folder));
    } else if (this.#wants('flag-change', folder)) {
      this.#tellStatus(path, now, this.#flagItems(before, now));
    }
  }

  #messageItems(folder: FolderSummary): readonly StatusItem[] {
    const items: StatusItem[] = ['messages', 'uid-next', 'uid-validity'];
    if (this.#wants('flag-change', folder)) items.push('unseen');
    if (this.#context.enabled.condstore) items.push('highest-mod-seq');
    return items;
  }

  /** RFC 5465 §5.1: who knows no mod-sequences hears of flags only as far as they count. */
  #flagItems(before: FolderStatus, now: FolderStatus): readonly StatusItem[] {
    if (this.#context.enabled.condstore && before.highestModSeq !== now.highestModSeq) {
      return ['uid-validity', 'highest-mod-seq', 'unseen'];
    }
    return before.unseenCount === now.unseenCount ? [] : ['uid-validity', 'unseen'];
  }

  #tellStatus(path: string, status: FolderStatus, items: readonly StatusItem[]): void {
    if (items.length === 0) return;
    const values = formatStatusItems(this.#context, items, status);
    this.#context.writer.untagged(`STATUS ${this.#context.formatMailbox(path)} (${values})`);
  }

  #tellName(path: string, listing: FolderListing, oldPath?: string): void {
    if (path === '' || !this.#wants('mailbox-name', listing.summaryOf(path))) return;
    const oldName =
      oldPath === undefined ? '' : ` ("OLDNAME" (${this.#context.formatMailbox(oldPath)}))`;
    this.#tellList(path, listing, oldName);
  }

  #tellList(path: string, listing: FolderListing, extension: string): void {
    const name = this.#context.formatMailbox(path);
    const attributes = listing.attributesOf(path);
    this.#context.writer.untagged(`LIST (${attributes}) "/" ${name}${extension}`);
  }

  /** Names of entries, those that went too; which of them changed nobody says (§5.6, §5.7). */
  async #tellMetadata(path: string | undefined, listing: FolderListing): Promise<void> {
    const isWanted =
      path === undefined
        ? this.#wantsOfAccount()
        : this.#wants('mailbox-metadata-change', listing.summaryOf(path));
    if (!isWanted) return;
    const before = this.#entries.get(path ?? '') ?? [];
    const now = await this.#readEntries(path ?? '');
    const names = [...new Set([...now, ...before])].map((name) => formatAstring(name));
    if (names.length === 0) return;
    const mailbox = path === undefined ? '""' : this.#context.formatMailbox(path);
    this.#context.writer.untagged(`METADATA ${mailbox} ${names.join(' ')}`);
  }

  async #readEntries(path: string): Promise<readonly string[]> {
    const outcome = await this.#context.mailbox.readMetadata(path === '' ? undefined : path);
    const names = outcome.ok ? [...outcome.value.keys()] : [];
    this.#entries.set(path, names);
    return names;
  }

  #isSelected(path: string): boolean {
    return this.#context.view?.folder.path === path;
  }

  #wants(event: NotifyEvent, folder: FolderSummary): boolean {
    return this.#groups.some(({ isMeant, events }) => events.has(event) && isMeant(folder));
  }

  /** The account is in every group that asks for it. */
  #wantsOfAccount(): boolean {
    return this.#groups.some(({ events }) => events.has('server-metadata-change'));
  }
}

/** Events that change nothing of what LIST says. */
const keepsListing: ReadonlySet<MailboxEvent['kind']> = new Set(['messages', 'metadata']);

function haveMessagesChanged(before: FolderStatus, now: FolderStatus): boolean {
  return (
    before.messageCount !== now.messageCount ||
    before.uidNext !== now.uidNext ||
    before.uidValidity !== now.uidValidity
  );
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
