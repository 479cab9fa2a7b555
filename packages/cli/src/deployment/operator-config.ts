/**
 * `homeward.yaml`: what the operator's commands need to know of a deployment. Made by
 * `homeward init`; found by `--config`, by HOMEWARD_CONFIG, or in the folder where one stands.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ldapSchema, type LdapSettings } from '@homeward/ldap';
import {
  type DirectoryConfig,
  directorySchema,
  type Environment,
  formatConfigProblem,
  help,
  loadConfig,
} from '@homeward/service';
import { z } from 'zod';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { CONFIG_KIND_WORDS, findConfigKind } from './find-config-kind.ts';

export interface OperatorConfig {
  readonly hostname: string;
  readonly directory: DirectoryConfig;
  readonly ldap: LdapSettings;
  readonly homes: { readonly caFile: string };
  readonly ticket: { readonly keyId: string; readonly keyFile: string };
  readonly control?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** The form of `homeward.yaml`. */
export const OPERATOR_CONFIG: z.ZodType<OperatorConfig> = z.strictObject({
  hostname: z.string().min(1).max(253).meta(help('The public name that mail programs connect to.')),
  directory: directorySchema,
  ldap: ldapSchema.meta(help('As in the front ends’ files, for homeward ldap.')),
  homes: z
    .strictObject({
      caFile: z
        .string()
        .min(1)
        .meta(help('PEM file of the deployment’s own authority; nothing else is believed.')),
    })
    .meta(help('The sites that hold the mailboxes.')),
  ticket: z
    .strictObject({
      keyId: z.string().min(1).max(64).meta(help('Name of the operator’s key in the directory.')),
      keyFile: z.string().min(1).meta(help('PEM file of that Ed25519 key (PKCS#8); secret.')),
    })
    .meta(help('The key by which this command line opens mailboxes at their homes.')),
  control: z
    .strictObject({
      certFile: z.string().min(1).meta(help('PEM file of the operator’s certificate.')),
      keyFile: z.string().min(1).meta(help('PEM file of its key; secret.')),
    })
    .optional()
    .meta(help('By it this command line is let in at the sites’ control ports.')),
});

/** The file and the folder that it describes. */
export interface FoundConfig {
  readonly file: string;
  readonly folder: string;
  readonly config: OperatorConfig;
}

const FILE_NAME = 'homeward.yaml';
const FILE_VARIABLE = 'HOMEWARD_CONFIG';

/** The file to read, which need not exist. */
export function locateOperatorConfig(given: string | undefined, environment: Environment): string {
  return resolve(given ?? (environment[FILE_VARIABLE] || FILE_NAME));
}

/** @throws OperatorError with every problem of the file. */
export async function readOperatorConfig(
  given: string | undefined,
  environment: Environment,
): Promise<FoundConfig> {
  const file = locateOperatorConfig(given, environment);
  if (!existsSync(file)) {
    const where = given === undefined && !environment[FILE_VARIABLE] ? 'here' : `at ${file}`;
    throw new OperatorError(
      `there is no ${FILE_NAME} ${where}; give --config or set ${FILE_VARIABLE}, or make a ` +
        'deployment with homeward init',
      EXIT_CODES.configuration,
    );
  }
  const { [FILE_VARIABLE]: _, ...settings } = environment;
  const loaded = await loadConfig({ schema: OPERATOR_CONFIG, file, environment: settings });
  if (!loaded.ok) {
    const problems = (await findOtherKind(file)) ?? loaded.problems.map(formatConfigProblem);
    throw new OperatorError(problems, EXIT_CODES.configuration);
  }
  return { file, folder: dirname(file), config: loaded.config };
}

/** A service's file is no wrong operator's file: one line says so, instead of one for each key. */
async function findOtherKind(file: string): Promise<string | undefined> {
  const kind = await findConfigKind(file);
  if (kind === undefined || kind === 'operator') return undefined;
  const wanted = join(dirname(file), FILE_NAME);
  return (
    `${file} configures ${CONFIG_KIND_WORDS[kind]}; this command wants the deployment's ${FILE_NAME}` +
    (existsSync(wanted) ? `: --config ${wanted}` : '')
  );
}
