/** No proxy: the home itself, on the processor of those that are measured. What is added to it counts. */
import type { BenchWorld } from '../bench-world.ts';
import { MESSAGE_BYTES } from '../bench-world.ts';
import { startPinnedNode } from '../pinned-process.ts';
import { awaitProxy, type Proxy } from './proxy.ts';

export async function startDirect({ certFile, keyFile }: BenchWorld): Promise<Proxy> {
  const order = { certFile, keyFile, messageBytes: MESSAGE_BYTES };
  const script = new URL('../stub-home.ts', import.meta.url);
  const running = startPinnedNode('measured', script, [JSON.stringify(order)]);
  const [, ports = ''] = await running.waitForLine(/^ready (.*)$/);
  return awaitProxy(running, JSON.parse(ports) as BenchWorld['home']);
}
