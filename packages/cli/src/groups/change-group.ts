/** `homeward group add`, `set`, `member add`, `member remove` and `delete`. */
import type { GroupChanges, GroupOutcome, GroupRecord, GroupService } from '@homeward/directory';
import { refusal } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { confirm } from '../output/confirm.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { unknownGroup, viewGroup } from './group-view.ts';

export interface GroupOptions extends OperatorOptions {
  readonly address?: string;
  readonly alias?: readonly string[];
  /** False: no further addresses. */
  readonly aliases?: boolean;
  readonly displayName?: string;
  readonly senders?: string;
  readonly sender?: readonly string[];
  readonly member?: readonly string[];
}

/** @throws OperatorError if the group cannot be added. */
export async function addGroup(
  context: CommandContext,
  address: string,
  options: GroupOptions,
): Promise<void> {
  const request = { ...readChanges(options), address, members: options.member };
  await change(context, options, 'Added', (groups) => groups.add(request));
}

/** @throws OperatorError if nothing is to be changed, or the change is refused. */
export async function setGroup(
  context: CommandContext,
  which: string,
  options: GroupOptions,
): Promise<void> {
  const changes = readChanges(options);
  if (Object.keys(changes).length === 0) {
    throw new OperatorError('nothing to change; see homeward group set --help', EXIT_CODES.usage);
  }
  await change(context, options, 'Changed', (groups) => groups.change(which, changes));
}

export async function addGroupMembers(
  context: CommandContext,
  which: string,
  members: readonly string[],
  options: OperatorOptions,
): Promise<void> {
  await change(context, options, 'Changed', (groups) => groups.addMembers(which, members));
}

export async function removeGroupMembers(
  context: CommandContext,
  which: string,
  members: readonly string[],
  options: OperatorOptions,
): Promise<void> {
  await change(context, options, 'Changed', (groups) => groups.removeMembers(which, members));
}

/** @throws OperatorError if there is no such group, or nobody says yes. */
export async function deleteGroup(
  context: CommandContext,
  which: string,
  options: OperatorOptions & { readonly yes?: boolean },
): Promise<void> {
  await change(context, options, 'Deleted', async (groups) => {
    const group = await groups.find(which);
    if (group === undefined) throw unknownGroup(which);
    const { address } = group;
    const text = `Mail for ${address} reaches nobody afterwards. Type the address to delete it: `;
    const question = { text, expected: address, otherwise: 'nothing was deleted' };
    if (options.yes !== true) await confirm(question, context.console);
    return groups.delete(group.id);
  });
}

async function change(
  context: CommandContext,
  options: OperatorOptions,
  what: string,
  act: (groups: GroupService) => Promise<GroupOutcome>,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const outcome = await act(deployment.groups);
  if (!outcome.ok) throw refusal(outcome.problems);
  const view = await viewGroup(outcome.group, deployment.driver);
  printResult(context, options, view, () => `${what} ${formatGroup(outcome.group)}.`);
}

function formatGroup({ address, members: { length } }: GroupRecord): string {
  return `${address}, a group of ${length === 1 ? '1 member' : `${length} members`}`;
}

function readChanges(options: GroupOptions): GroupChanges {
  const { address, alias, aliases, displayName, senders, sender } = options;
  return {
    ...(address !== undefined && { address }),
    ...(alias !== undefined ? { aliases: alias } : aliases === false && { aliases: [] }),
    ...(displayName !== undefined && { displayName: displayName === '' ? null : displayName }),
    ...(senders !== undefined && { senders }),
    ...(sender !== undefined && { named: sender }),
  };
}
