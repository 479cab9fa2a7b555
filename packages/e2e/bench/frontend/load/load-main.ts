/**
 * The load generator, a process of its own: `load-main.ts ORDER`, an order as JSON. Prints
 * `start` when its connections are there, and `result` with the result as JSON. SIGTERM ends what
 * is idle.
 */
import { once } from 'node:events';
import { holdIdle, type LoadOrder, type LoadResult, runLogins, runSteps } from './load-kinds.ts';

const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
const result = await run(order);
process.stdout.write(`result ${JSON.stringify(result)}\n`, () => process.exit(0));

function run({ kind }: LoadOrder): Promise<LoadResult> {
  const onStart = (): void => void process.stdout.write('start\n');
  switch (kind) {
    case 'login':
      return runLogins(order, onStart);
    case 'idle':
      return holdIdle(order, onStart, once(process, 'SIGTERM'));
    case 'noop':
    case 'download':
      return runSteps({ ...order, kind }, onStart);
  }
}
