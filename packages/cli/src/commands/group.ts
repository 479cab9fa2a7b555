/** `homeward group …`: its options and help. What they do is `groups/`. */
import { GROUP_SENDER_KINDS } from '@homeward/directory/kinds';
import { type Command, Option } from 'commander';
import { addOperatorOptions, collect, type CommandContext } from './command-context.ts';

const WHO = 'a name or id of an account or a group, or an address elsewhere';

/** Adds the commands. */
export function addGroupCommands(program: Command, context: CommandContext): void {
  const group = program
    .command('group')
    .description('addresses whose mail goes to several others')
    .addHelpText('after', GROUP_EXPLANATION);
  addAdd(group, context);
  addShow(group, context);
  addSet(group, context);
  addMembers(group, context);
  addDelete(group, context);
}

const GROUP_EXPLANATION = `
GROUP is an id, or any address of the group. Members are accounts, other groups and addresses
elsewhere; everybody gets a message once. Who may send to it: anybody, accounts (whoever has logged
in; the default), members, or those that are named by --sender.`;

function addAdd(group: Command, context: CommandContext): void {
  const add = group
    .command('add')
    .description('add a group')
    .argument('<address>', 'its primary address, which nobody else has')
    .option('--member <who>', `a member: ${WHO}`, collect);
  addOperatorOptions(addRecordOptions(add)).action(async (address: string, options) => {
    const { addGroup } = await import('../groups/change-group.ts');
    await addGroup(context, address, options);
  });
}

function addShow(group: Command, context: CommandContext): void {
  const list = group.command('list').description('all groups, by address');
  addOperatorOptions(list).action(async (options) => {
    const { listGroups } = await import('../groups/list-groups.ts');
    await listGroups(context, options);
  });
  const show = group
    .command('show')
    .description('a group, its members and who may send to it')
    .argument('<group>', 'id or address');
  addOperatorOptions(show).action(async (which: string, options) => {
    const { showGroup } = await import('../groups/show-group.ts');
    await showGroup(context, which, options);
  });
}

function addSet(group: Command, context: CommandContext): void {
  const set = group
    .command('set')
    .description('change a group; what is not named stays as it is')
    .argument('<group>', 'id or address')
    .option('--address <address>', 'a new primary address; the old one gets no mail any more')
    .option('--no-aliases', 'no further addresses');
  addOperatorOptions(addRecordOptions(set)).action(async (which: string, options) => {
    const { setGroup } = await import('../groups/change-group.ts');
    await setGroup(context, which, options);
  });
}

function addMembers(group: Command, context: CommandContext): void {
  const member = group.command('member').description('who gets the mail of a group');
  const add = member
    .command('add')
    .description('add members to a group; who is one stays one')
    .argument('<group>', 'id or address')
    .argument('<who...>', WHO);
  addOperatorOptions(add).action(async (which: string, who: readonly string[], options) => {
    const { addGroupMembers } = await import('../groups/change-group.ts');
    await addGroupMembers(context, which, who, options);
  });
  const remove = member
    .command('remove')
    .description('remove members from a group, those that are gone by their ids')
    .argument('<group>', 'id or address')
    .argument('<who...>', WHO);
  addOperatorOptions(remove).action(async (which: string, who: readonly string[], options) => {
    const { removeGroupMembers } = await import('../groups/change-group.ts');
    await removeGroupMembers(context, which, who, options);
  });
}

function addDelete(group: Command, context: CommandContext): void {
  const remove = group
    .command('delete')
    .description('remove a group; its addresses are free')
    .argument('<group>', 'id or address')
    .option('-y, --yes', 'do not ask');
  addOperatorOptions(remove).action(async (which: string, options) => {
    const { deleteGroup } = await import('../groups/change-group.ts');
    await deleteGroup(context, which, options);
  });
}

function addRecordOptions(command: Command): Command {
  return command
    .option('--alias <address>', 'a further address; of those, all of them', collect)
    .option('--display-name <text>', 'for people; "" removes it')
    .addOption(new Option('--senders <who>', 'who may send to it').choices(GROUP_SENDER_KINDS))
    .option('--sender <who>', `one who may send to it, all of them: ${WHO}`, collect);
}
