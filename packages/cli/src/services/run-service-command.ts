/**
 * Runs a service in this process until it is stopped. Started by the demo, it tells when it is
 * ready and ends when the demo does, however that ends.
 */
import {
  formatConfigProblem,
  loadConfig,
  openWorkerLink,
  type Environment,
  type ExitCode,
  type WorkerLink,
} from '@homeward/service';
import type { z } from 'zod';
import type { CommandContext } from '../commands/command-context.ts';
import { CONFIG_KIND_WORDS, findConfigKind } from '../deployment/find-config-kind.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

export interface ServiceCommandOptions {
  readonly config: string;
  readonly supervised?: boolean;
}

type Service = 'frontend' | 'backend';

/** @throws OperatorError with every problem of the configuration. */
export async function runServiceCommand(
  context: CommandContext,
  name: Service,
  { config, supervised = false }: ServiceCommandOptions,
): Promise<void> {
  context.console.surviveBrokenPipe();
  if (supervised) {
    // Whoever started this is gone already, or may go before anything else looks after it.
    if (!process.connected) return;
    process.once('disconnect', endUnlessLinked);
  }
  const run = name === 'frontend' ? runFrontEnd : runSite;
  context.console.exitCode = await run(context, config);
}

async function runFrontEnd(context: CommandContext, file: string): Promise<ExitCode> {
  const link = linkToStarter();
  const { FRONT_END_CONFIG, runFrontend } = await import('@homeward/frontend');
  const { config, warnings } = await readConfig(context, 'frontend', FRONT_END_CONFIG, file);
  for (const warning of warnings) context.console.complain(warning);
  const exitCode = await runFrontend(config, {
    onReady: () => link.sendReady(null),
    readAgain: () =>
      loadConfig({ schema: FRONT_END_CONFIG, file, environment: settingsOf(context) }),
  });
  link.close();
  return exitCode;
}

async function runSite(context: CommandContext, file: string): Promise<ExitCode> {
  const link = linkToStarter();
  const { backEndConfigSchema, runBackEnd } = await import('@homeward/backend');
  await readConfig(context, 'backend', backEndConfigSchema, file);
  // It reads file and environment once more; the variable is ours.
  const complain = (line: string): void => {
    if (!line.includes('HOMEWARD_CONFIG')) context.console.complain(line);
  };
  const onReady = (): void => link.sendReady(null);
  const exitCode = await runBackEnd({ configFile: file, complain, onReady });
  link.close();
  return exitCode;
}

function endUnlessLinked(): void {
  if (process.listenerCount('disconnect') === 0) process.kill(process.pid, 'SIGTERM');
}

/** Without a starter that listens this does nothing. */
function linkToStarter(): WorkerLink {
  return openWorkerLink(() => process.kill(process.pid, 'SIGTERM'));
}

/** HOMEWARD_CONFIG says where homeward.yaml is; it is no key of a service. */
function settingsOf({ environment }: CommandContext): Environment {
  const { HOMEWARD_CONFIG: _, ...settings } = environment;
  return settings;
}

async function readConfig<Schema extends z.ZodType>(
  context: CommandContext,
  service: Service,
  schema: Schema,
  file: string,
): Promise<{ readonly config: z.output<Schema>; readonly warnings: readonly string[] }> {
  const loaded = await loadConfig({ schema, file, environment: settingsOf(context) });
  if (loaded.ok) return loaded;
  const problems = (await findOtherKind(service, file)) ?? loaded.problems.map(formatConfigProblem);
  throw new OperatorError(problems, EXIT_CODES.configuration);
}

/** Another kind of file is no wrong one of this kind: one line says so, with the remedy. */
async function findOtherKind(service: Service, file: string): Promise<string | undefined> {
  const kind = await findConfigKind(file);
  if (kind === undefined || kind === service) return undefined;
  const remedy =
    kind === 'operator'
      ? `homeward ${service} wants the file of ${CONFIG_KIND_WORDS[service]}`
      : `run homeward ${kind} --config ${file}`;
  return `${file} configures ${CONFIG_KIND_WORDS[kind]}; ${remedy}`;
}
