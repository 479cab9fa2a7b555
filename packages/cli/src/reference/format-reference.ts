/** `docs/reference/commands.md`, from the very definitions that `homeward help` shows. */
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { OperatorConsole } from '../output/operator-console.ts';
import { EXIT_CODE_MEANINGS } from '../output/operator-error.ts';
import { createProgram } from '../program.ts';

/** The whole page. */
export function formatCommandReference(): string {
  const sections = listCommands(createSilentProgram()).map(formatCommand);
  return `${PREFACE}\n${sections.join('\n')}\n${formatExitCodes()}`;
}

/** The commands as they are told of, not as they are run. @param heard What is not to be silent. */
export function createSilentProgram(heard: Partial<OperatorConsole> = {}): Command {
  return createProgram({
    environment: {},
    console: {
      print: () => {},
      complain: () => {},
      note: () => {},
      input: Readable.from([]),
      isInteractive: false,
      hasProgress: false,
      exitCode: 0,
      surviveBrokenPipe: () => {},
      ...heard,
    },
  });
}

const PREFACE = `# Commands

Made from the command line's own definitions by \`node packages/cli/src/reference/write-reference.ts\`;
a test fails when this page is not current. \`homeward COMMAND --help\` says the same.

Operators' commands find the deployment by \`--config FILE\`, by the environment variable
\`HOMEWARD_CONFIG\`, or by a \`homeward.yaml\` in the folder where they run. Results go to standard
output, as tables or, with \`--json\`, as one JSON document; problems go to standard error, one line
each: \`homeward: what is wrong, where, and the remedy\`.
`;

/** Commands that do something, in the order of the help. */
function listCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((one) => (one.commands.length > 0 ? listCommands(one) : [one]));
}

function formatCommand(command: Command): string {
  const help = command.createHelp();
  // The command's own texts before and after its help are told by events alone.
  const text = captureHelp(command);
  const [, after = ''] = text.split(help.formatHelp(command, help).trimEnd());
  const rows = [
    ...help
      .visibleArguments(command)
      .map((one) => [`<${one.name()}>`, help.argumentDescription(one)]),
    ...help
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map((one) => [one.flags, help.optionDescription(one)]),
  ];
  const path = nameOf(command);
  const usage = command.usage().replace(/^\[options\] ?/, '');
  return [
    `## ${path}`,
    '',
    `${capitalize(command.description())}.`,
    '',
    '```',
    `${path}${usage === '' ? '' : ` ${usage}`} [options]`,
    '```',
    '',
    ...formatRows(rows),
    ...(after.trim() === '' ? [] : ['```text', after.trim(), '```', '']),
  ].join('\n');
}

function captureHelp(command: Command): string {
  let text = '';
  const before = command.configureOutput();
  command.configureOutput({ ...before, writeOut: (part) => (text += part) });
  command.outputHelp();
  command.configureOutput(before);
  return text;
}

function formatRows(rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(
    ([name = '', text = '']) => `| \`${name}\` | ${text.replaceAll('|', '\\|')} |`,
  );
  return ['| | |', '|---|---|', ...cells, ''];
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function formatExitCodes(): string {
  const rows = EXIT_CODE_MEANINGS.map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return `## Exit codes\n\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n`;
}
