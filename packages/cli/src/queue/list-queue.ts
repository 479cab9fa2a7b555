/** `homeward queue list`: over all workers of all sites, in the order of their names. */
import { type CommandContext, printResult } from '../commands/command-context.ts';
import { OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { findDoor, type MessageName, parseMessageName } from './message-name.ts';
import { openQueueDoors, type QueueDoor } from './queue-doors.ts';
import { type QueueFilterOptions, readQueueFilter } from './queue-filter.ts';
import { formatEntries, type QueueEntryView, viewEntry } from './queue-view.ts';

export interface ListQueueOptions extends QueueFilterOptions {
  readonly limit: number;
  readonly after?: string;
}

interface Page {
  readonly messages: QueueEntryView[];
  next: string | null;
}

/** @throws OperatorError */
export async function listQueue(context: CommandContext, options: ListQueueOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const after = options.after === undefined ? undefined : parseMessageName(options.after);
  const doors = await openQueueDoors(deployment, options.site);
  const page: Page = { messages: [], next: null };
  const first = after === undefined ? undefined : findDoor(doors, after);
  const from = first === undefined ? 0 : doors.indexOf(first);
  for (const door of doors.slice(from)) {
    if (page.next !== null) break;
    await addPage(page, door, door === first ? after : undefined, options, context);
  }
  printResult(context, options, page, () => {
    const more = page.next === null ? '' : `; the next page: --after ${page.next}`;
    const count = page.messages.length;
    return `${formatEntries(page.messages)}\n${count} ${count === 1 ? 'message' : 'messages'}${more}`;
  });
}

async function addPage(
  page: Page,
  door: QueueDoor,
  after: MessageName | undefined,
  options: ListQueueOptions,
  { console }: CommandContext,
): Promise<void> {
  const limit = options.limit - page.messages.length;
  // One of the next worker's is enough to know that there is a next page.
  const asked = Math.max(1, limit);
  const filter = readQueueFilter(options);
  try {
    const found = await door.ask({ kind: 'list', filter, after: after?.id, limit: asked });
    if (found === undefined) return;
    const entries = found.entries.slice(0, limit);
    page.messages.push(...entries.map((entry) => viewEntry(door.site, entry)));
    const isMore = found.next !== undefined || found.entries.length > entries.length;
    if (isMore) page.next = page.messages.at(-1)?.id ?? null;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    console.complain(error.message);
    console.exitCode = error.exitCode;
  }
}
