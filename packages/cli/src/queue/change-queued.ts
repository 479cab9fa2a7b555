/** `homeward queue retry|hold|release|drop`: messages that are named, or all that fit. */
import type { QueueAction, QueueJob } from '@homeward/mail-queue';
import { type CommandContext, printResult } from '../commands/command-context.ts';
import { confirm } from '../output/confirm.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { findDoor, parseMessageName } from './message-name.ts';
import { openQueueDoors, type QueueDoor } from './queue-doors.ts';
import { meansAll, type QueueFilterOptions, readQueueFilter } from './queue-filter.ts';
import { notQueued } from './show-queued.ts';

export interface ChangeQueuedOptions extends QueueFilterOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
}

type Target = Extract<QueueJob, { readonly kind: 'change' }>['target'];

interface Order {
  readonly door: QueueDoor;
  readonly target: Target;
}

const DONE: Readonly<Record<QueueAction, string>> = {
  retry: 'tried now',
  hold: 'held',
  release: 'released',
  drop: 'dropped',
};

/** @throws OperatorError if nothing is meant, or something cannot be done. */
export async function changeQueued(
  context: CommandContext,
  action: QueueAction,
  names: readonly string[],
  options: ChangeQueuedOptions,
): Promise<void> {
  checkMeaning(names, options);
  await using deployment = await openDeployment(options.config, context.environment);
  const doors = await openQueueDoors(deployment, options.site);
  const orders = names.length > 0 ? byName(doors, names) : byFilter(doors, options);
  if (action === 'drop') await agreeToDrop(context, names, options);
  let count = 0;
  const missing: string[] = [];
  for (const { door, target } of orders) {
    const changed = await door.ask({ kind: 'change', action, target });
    count += changed?.changedCount ?? 0;
    missing.push(...(changed?.missing ?? []).map((id) => `${door.site}/${id}`));
  }
  const result = { action, count, missing };
  printResult(context, options, result, () => `${count} message(s) ${DONE[action]}.`);
  if (missing.length > 0) throw notQueued(missing);
}

function checkMeaning(names: readonly string[], options: ChangeQueuedOptions): void {
  const isFiltered = !meansAll(options);
  if (names.length > 0 && (isFiltered || options.all === true)) {
    throw new OperatorError('give names of messages, or options, not both', EXIT_CODES.usage);
  }
  if (names.length > 0 || isFiltered || options.all === true) return;
  throw new OperatorError(
    'say which messages: their names, --site, --sender, --recipient, --destination, --state, or --all',
    EXIT_CODES.usage,
  );
}

async function agreeToDrop(
  { console }: CommandContext,
  names: readonly string[],
  { yes }: ChangeQueuedOptions,
): Promise<void> {
  if (yes === true) return;
  const which = names.length === 0 ? 'All messages that fit' : `${names.length} message(s)`;
  const text = `${which} are removed for ever, and nobody is told. Type drop to go on: `;
  await confirm({ text, expected: 'drop', otherwise: 'nothing was dropped' }, console);
}

function byName(doors: readonly QueueDoor[], names: readonly string[]): readonly Order[] {
  const ids = new Map<QueueDoor, string[]>();
  const unknown: string[] = [];
  for (const text of new Set(names)) {
    const name = parseMessageName(text);
    const door = findDoor(doors, name);
    if (door === undefined) unknown.push(text);
    else ids.set(door, [...(ids.get(door) ?? []), name.id]);
  }
  if (unknown.length > 0) throw notQueued(unknown);
  return [...ids].map(([door, some]) => ({ door, target: { ids: some } }));
}

function byFilter(doors: readonly QueueDoor[], options: ChangeQueuedOptions): readonly Order[] {
  const filter = readQueueFilter(options);
  return doors.map((door) => ({ door, target: { filter } }));
}
