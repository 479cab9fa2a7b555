/** `homeward group show`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { formatMember, formatSenders, unknownGroup, viewGroup } from './group-view.ts';

/** @throws OperatorError if there is no such group. */
export async function showGroup(
  context: CommandContext,
  which: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const group = await deployment.groups.find(which);
  if (group === undefined) throw unknownGroup(which);
  const view = await viewGroup(group, deployment.driver);
  printResult(context, options, view, () =>
    formatTable(undefined, [
      ['address', view.address],
      ['id', view.id],
      ['further addresses', view.aliases.join(', ') || '-'],
      ['display name', view.displayName ?? '-'],
      ['may send', formatSenders(view)],
      ['members', view.members.length === 0 ? 'none' : String(view.members.length)],
      ...view.members.map((member) => ['', formatMember(member)]),
      ['created', view.createdAt],
    ]),
  );
}
