/** `homeward group list`. */
import type { GroupRecord } from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { eachGroup } from './each-group.ts';

/** What the list says of a group; the form of `--json`. */
interface GroupLine {
  readonly id: string;
  readonly address: string;
  readonly aliases: readonly string[];
  readonly displayName: string | null;
  readonly memberCount: number;
  readonly senders: string;
}

export async function listGroups(context: CommandContext, options: OperatorOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const lines: GroupLine[] = [];
  for await (const group of eachGroup(deployment.driver)) lines.push(viewLine(group));
  printResult(context, options, lines, () => {
    if (lines.length === 0) return 'No groups. Add one with homeward group add.';
    const rows = lines.map(({ address, memberCount, senders, displayName }) => [
      address,
      String(memberCount),
      senders,
      displayName ?? '',
    ]);
    return formatTable(['address', 'members', 'may send', 'name'], rows);
  });
}

function viewLine({ id, address, names, displayName, members, senders }: GroupRecord): GroupLine {
  return {
    id,
    address,
    aliases: names.filter((name) => name !== address),
    displayName: displayName ?? null,
    memberCount: members.length,
    senders: senders.kind,
  };
}
