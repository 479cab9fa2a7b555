/** The reference of a configuration's schema. */
import type { z } from 'zod';
import { type ConfigKey, describeConfig } from '../config/index.ts';
import { code, formatMarkdownTable, formatPage, type ReferencePage } from './markdown-page.ts';

export interface ConfigurationPage extends ReferencePage {
  /** Whether the variables of the environment are told; default true. */
  readonly hasEnvironment?: boolean;
}

/** @param schema The whole configuration of a program. */
export function formatConfigurationReference(schema: z.ZodType, page: ConfigurationPage): string {
  const { hasEnvironment = true } = page;
  const keys = describeConfig(schema);
  const rows = keys.map((key) => [
    code(key.key),
    key.type,
    formatDefault(key),
    formatHelp(key),
    ...(hasEnvironment ? [code(key.environmentName ?? '')] : []),
  ]);
  const head = ['key', 'is', 'default', 'for', ...(hasEnvironment ? ['environment'] : [])];
  return formatPage(page, formatMarkdownTable(head, rows));
}

function formatDefault({ isRequired, defaultValue }: ConfigKey): string {
  if (defaultValue !== undefined) return code(JSON.stringify(defaultValue));
  return isRequired ? 'must be given' : '';
}

function formatHelp({ help = '', exchangeName, restart, isReread }: ConfigKey): string {
  return [
    help,
    ...(exchangeName === undefined ? [] : [`Exchange: ${exchangeName}.`]),
    ...(restart === undefined ? [] : [`Applies at the next start: ${restart}.`]),
    ...(isReread ? ['Applies when the file is read again (SIGHUP).'] : []),
  ].join(' ');
}
