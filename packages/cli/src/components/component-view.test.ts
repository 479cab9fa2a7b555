import type { DirectoryDriver, LeaseFacts } from '@homeward/directory';
import { expect, it } from 'vitest';
import { viewComponents } from './component-view.ts';

it('viewComponents() shows front ends, and no site for one because people log in there', async () => {
  const lease = (frontEnd: string): LeaseFacts => ({ leaseId: 'x', frontEnd, sessionCount: 3 });
  const driver = {
    listSites: async () => [{ name: 'dublin', workers: [] }],
    operations: {
      listLeases: async () => [lease('fe1'), lease('site:dublin')],
      listComponentRequests: async () => [],
    },
  } as unknown as DirectoryDriver;
  expect(await viewComponents(driver)).toMatchObject([
    { component: 'frontend:fe1', sessions: 3, workers: 1 },
    { component: 'site:dublin', sessions: null },
  ]);
});
