/** `homeward component list`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatFoldedTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { type ComponentView, viewComponents } from './component-view.ts';

export async function listComponents(
  context: CommandContext,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const components = await viewComponents(deployment.driver);
  printResult(context, options, components, () => formatComponents(components));
}

function formatComponents(components: readonly ComponentView[]): string {
  return formatFoldedTable(
    ['component', 'state', 'workers', 'sessions'],
    components.map(({ component, state, workers, sessions, requests }) => ({
      cells: [
        component,
        state,
        workers === null ? '-' : String(workers),
        sessions === null ? '-' : String(sessions),
      ],
      below: requests.map((request) => `wanted by ${formatRequest(request)}`),
    })),
  );
}

function formatRequest(request: ComponentView['requests'][number]): string {
  const { requester, state, why, who, since } = request;
  const reason = why === null ? '' : `: ${why}`;
  return `${requester} (${state}${reason}; ${who}, ${since.slice(0, 16)}Z)`;
}
