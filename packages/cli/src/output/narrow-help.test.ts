import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createSilentProgram } from '../reference/format-reference.ts';

function withItsOwn(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withItsOwn)];
}

test('narrowHelp keeps the help of every command within 80 columns', () => {
  const commands = withItsOwn(createSilentProgram());
  expect(commands.length).toBeGreaterThan(50);
  const lines = commands.flatMap((command) => command.helpInformation().split('\n'));
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
