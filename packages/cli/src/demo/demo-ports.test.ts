import { findFreePort } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { holdPort } from '../wiring.ts';
import { DEMO_HOST, holdDemoPorts } from './demo-ports.ts';

const WISHES = { siteCount: 2, workerCount: 2, hasPlainPorts: true, portBase: undefined };

describe('holdDemoPorts()', () => {
  it('takes ports that nobody else gets until they are released', async () => {
    await using held = await holdDemoPorts(WISHES);
    const { frontEnd, lmtp, ops, sink, sites } = held.ports;
    const all = [
      ...Object.values(frontEnd),
      lmtp,
      ops,
      sink,
      ...sites.flat().flatMap((worker) => Object.values(worker)),
    ];
    expect(all).toHaveLength(6 + 3 + 2 * 2 * 8);
    expect(new Set(all).size).toBe(all.length);
    expect(await holdPort(DEMO_HOST, frontEnd.imaps)).toBeUndefined();
    await held.release();
    const taken = await holdPort(DEMO_HOST, frontEnd.imaps);
    expect(taken).toBeDefined();
    await taken?.close();
  });

  it('has no plain ports unless they are wanted', async () => {
    await using held = await holdDemoPorts({ ...WISHES, hasPlainPorts: false });
    expect(held.ports.sites[0]?.[0]).toEqual({
      imaps: expect.any(Number),
      pop3s: expect.any(Number),
      control: expect.any(Number),
      submissions: expect.any(Number),
      lmtps: expect.any(Number),
    });
  });

  it('names the port that is not to be had', async () => {
    const port = await findFreePort();
    await using stack = new AsyncDisposableStack();
    const listener = await holdPort(DEMO_HOST, port);
    stack.defer(() => listener?.close());
    await expect(holdDemoPorts({ ...WISHES, portBase: port - 143 })).rejects.toThrow(
      `port ${port} of 127.0.0.1`,
    );
  });
});
