/** `homeward config check`: the files by themselves, against each other, and the directory. */
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { formatConfigProblem, loadConfig, systemClock } from '@homeward/service';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { locateOperatorConfig } from '../deployment/operator-config.ts';
import { EXIT_CODES } from '../output/operator-error.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkDirectory } from './check-directory.ts';
import { checkLdap } from './check-ldap.ts';
import { checkVolume } from './check-volume.ts';
import { type CheckedConfig, CONFIG_FORMS, guessConfigKind } from './config-kind.ts';
import type { Findings } from './findings.ts';

export interface CheckConfigsOptions extends OperatorOptions {
  readonly offline?: boolean;
}

/** Exit code 1 if anything is wrong. */
export async function checkConfigs(
  context: CommandContext,
  given: readonly string[],
  options: CheckConfigsOptions,
): Promise<void> {
  const { console } = context;
  const files =
    given.length > 0 ? given.map((file) => resolve(file)) : await findFiles(context, options);
  const results: CheckedFile[] = [];
  for (const file of files) results.push(await checkFile(context, file, options.offline !== true));
  const isRight = results.every(({ problems }) => problems.length === 0);
  printResult(context, options, { ok: isRight, files: results }, () =>
    results
      .map(({ file, kind, problems }) => {
        const verdict = problems.length === 0 ? 'right' : `${problems.length} problem(s)`;
        return `${file} (${kind}): ${verdict}`;
      })
      .join('\n'),
  );
  for (const { problems, warnings } of results) {
    for (const problem of problems) console.complain(problem);
    for (const warning of warnings) console.complain(`warning: ${warning}`);
  }
  if (!isRight) console.exitCode = EXIT_CODES.refused;
}

/** `homeward.yaml` and what `homeward init` put beside it. */
async function findFiles(
  { environment }: CommandContext,
  options: CheckConfigsOptions,
): Promise<readonly string[]> {
  const main = locateOperatorConfig(options.config, environment);
  const names = await readdir(dirname(main)).catch(() => []);
  const services = names.filter((name) => /^(frontend|backend)(-[a-z0-9-]+)?\.yaml$/.test(name));
  return [main, ...services.toSorted().map((name) => join(dirname(main), name))];
}

interface CheckedFile extends Findings {
  readonly file: string;
  readonly kind: string;
}

async function checkFile(
  { environment }: CommandContext,
  file: string,
  isOnline: boolean,
): Promise<CheckedFile> {
  const kind = await guessConfigKind(file);
  const { HOMEWARD_CONFIG: _, ...settings } = environment;
  const loaded = await loadConfig({ schema: CONFIG_FORMS[kind], file, environment: settings });
  if (!loaded.ok) {
    return { file, kind, problems: loaded.problems.map(formatConfigProblem), warnings: [] };
  }
  // Several files are checked under one environment: a variable of one is unknown to another.
  const warnings = loaded.warnings.filter((text) => !text.startsWith('the environment variable'));
  const findings: Findings = { problems: [], warnings: [...warnings] };
  const checked = { kind, file, config: loaded.config } as CheckedConfig;
  checkLdap(checked, findings);
  if (checked.kind === 'backend') await checkVolume(file, checked.config.volumeFolder, findings);
  await checkCertificates(checked, findings, systemClock.nowMs());
  if (isOnline) await checkDirectory(checked, findings);
  return { file, kind, ...findings };
}
