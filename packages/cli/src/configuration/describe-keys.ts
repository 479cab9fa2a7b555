/** `homeward config describe`. */
import { describeConfig } from '@homeward/service';
import { Help } from 'commander';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { ConfigKind } from '../deployment/find-config-kind.ts';
import { CONFIG_FORMS } from './config-kind.ts';

const INDENT = '   ';
const LINE_LENGTH = 80;

/** @throws OperatorError if no key begins so. */
export function describeKeys(
  context: CommandContext,
  kind: string,
  start: string | undefined,
  options: Pick<OperatorOptions, 'json'>,
): void {
  const all = describeConfig(CONFIG_FORMS[kind as ConfigKind]);
  const wanted = start?.toLowerCase() ?? '';
  const keys = all.filter(
    ({ key, exchangeName }) =>
      key.toLowerCase().startsWith(wanted) || exchangeName?.toLowerCase().startsWith(wanted),
  );
  if (keys.length === 0) {
    throw new OperatorError(
      `no key begins with ${start ?? ''}; see homeward config describe ${kind}`,
      EXIT_CODES.refused,
    );
  }
  printResult(context, options, keys, () =>
    keys
      .map(
        ({
          key,
          type,
          isRequired,
          defaultValue,
          help,
          exchangeName,
          environmentName,
          ...applies
        }) => {
          const { restart, isReread } = applies;
          const value = isRequired ? 'must be given' : `default ${JSON.stringify(defaultValue)}`;
          const lines = [
            ...(help === undefined ? [] : [help]),
            `${type}; ${defaultValue === undefined && !isRequired ? 'optional' : value}`,
            ...(exchangeName === undefined ? [] : [`Exchange: ${exchangeName}`]),
            ...(environmentName === undefined ? [] : [`$${environmentName}`]),
            ...(restart === undefined ? [] : [`applies at the next start: ${restart}`]),
            ...(isReread ? ['applies when the file is read again (SIGHUP)'] : []),
          ];
          return [key, ...lines.map(indent)].join('\n');
        },
      )
      .join('\n'),
  );
}

/** Wraps it for a terminal, too. */
function indent(text: string): string {
  const wrapped = new Help().boxWrap(text, LINE_LENGTH - INDENT.length);
  return wrapped.replaceAll(/^/gm, INDENT);
}
