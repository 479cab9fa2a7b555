/** The faults, done to containers from outside. */
import { waitUntil } from '../poll.ts';
import type { ComposeProject, ContainerFacts } from './compose-project.ts';

const HEALTH_LIMIT_MS = 60_000;

/** Runs in a container that sees the host's processes, since an engine may be on another host. */
const KILL = 'process.kill(Number(process.argv[1]), "SIGKILL")';

/**
 * Kills the main process of one of a service's containers, as `kill -9` on its host would do,
 * so that the restart policy acts; `docker kill` counts as a wish of the operator.
 */
export async function killContainer(project: ComposeProject, service: string): Promise<void> {
  const [victim] = (await project.listContainers(service)).filter(({ isRunning }) => isRunning);
  if (victim === undefined) throw new Error(`no container of ${service} is running`);
  await project.docker([
    'run',
    '--rm',
    ...['--pid', 'host', '--network', 'none', '--user', '0'],
    ...['--cap-drop', 'ALL', '--cap-add', 'KILL', '--no-healthcheck'],
    ...['--entrypoint', 'node', project.image, '-e', KILL, String(victim.pid)],
  ]);
  await waitUntil(
    `the end of ${service}`,
    async () => ((await readAgain(project, service, victim)).pid === victim.pid ? undefined : true),
    HEALTH_LIMIT_MS,
  );
}

async function readAgain(
  project: ComposeProject,
  service: string,
  { id }: ContainerFacts,
): Promise<ContainerFacts> {
  const found = (await project.listContainers(service)).find((container) => container.id === id);
  if (found === undefined) throw new Error(`a container of ${service} is gone`);
  return found;
}

/** Waits until that many containers of a service run, and all are healthy. */
export async function waitUntilHealthy(
  project: ComposeProject,
  service: string,
  count: number,
): Promise<void> {
  await waitUntil(
    `${count} healthy containers of ${service}`,
    async () => {
      const containers = await project.listContainers(service);
      return containers.length === count && containers.every(({ isHealthy }) => isHealthy)
        ? true
        : undefined;
    },
    HEALTH_LIMIT_MS,
  );
}
