/**
 * The container engine and its Compose: found, or had by the command in HOMEWARD_TEST_ENGINE,
 * which starts an engine and sees to the base images where a machine has neither.
 *
 * HOMEWARD_TEST_COMPOSE chooses between `docker compose` and `docker-compose`.
 */
import { canRun, runTool, type ToolOptions } from './run-tool.ts';

/** Every Compose that can be meant, best first. */
const COMPOSE_COMMANDS = ['docker compose', 'docker-compose'] as const;
const ENGINE_START_LIMIT_MS = 600_000;

/** A running engine. */
export interface ContainerEngine {
  /** Such as `docker compose`. */
  readonly composeCommand: string;
  /** For the report. */
  readonly versions: string;
  docker(args: readonly string[], options?: ToolOptions): Promise<string>;
  compose(args: readonly string[], options?: ToolOptions): Promise<string>;
}

/** @throws In one clear sentence, if there is none. */
export async function findContainerEngine(): Promise<ContainerEngine> {
  const starter = process.env['HOMEWARD_TEST_ENGINE'];
  if (starter !== undefined && starter !== '') {
    await runTool('sh', ['-c', starter], { limitMs: ENGINE_START_LIMIT_MS });
  }
  if (!(await canRun('docker', ['info']))) {
    throw new Error(
      'this test needs a container engine: install Docker and see that `docker info` works',
    );
  }
  const composeCommand = await findCompose(process.env['HOMEWARD_TEST_COMPOSE']);
  const [program = '', ...firstArgs] = composeCommand.split(' ');
  const docker = (args: readonly string[], options?: ToolOptions): Promise<string> =>
    runTool('docker', args, options);
  const compose = (args: readonly string[], options?: ToolOptions): Promise<string> =>
    runTool(program, [...firstArgs, ...args], options);
  const engine = await docker(['version', '--format', '{{.Server.Version}}']);
  const version = await compose(['version', '--short']);
  const versions = `engine ${engine.trim()}, ${composeCommand} ${version.trim()}`;
  return { composeCommand, versions, docker, compose };
}

async function findCompose(wanted: string | undefined): Promise<string> {
  for (const command of wanted === undefined || wanted === '' ? COMPOSE_COMMANDS : [wanted]) {
    const [program = '', ...args] = command.split(' ');
    if (await canRun(program, [...args, 'version'])) return command;
  }
  throw new Error(
    'this test needs Docker Compose: install `docker compose` 2, or docker-compose 1.29',
  );
}
