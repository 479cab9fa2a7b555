/**
 * What every mail store must do, whatever it is made of: the rules of `api.ts` as tests. A
 * store joins by giving a harness; it opens on the same data again after `restart`.
 */
import { describe } from 'vitest';
import type { OpenHarness } from './contract/contract-store.ts';
import { describeAnnotations } from './contract/annotations.ts';
import { describeAppends } from './contract/appends.ts';
import { describeFlags } from './contract/flags.ts';
import { describeFolders } from './contract/folders.ts';
import { describeMailboxes } from './contract/mailboxes.ts';
import { describeMaildrops } from './contract/maildrops.ts';
import { describeMessages } from './contract/messages.ts';
import { describeMoving } from './contract/moving.ts';
import { describePublication } from './contract/publication.ts';
import { describeQuota } from './contract/quota.ts';

export type { StoreHarness } from './contract/contract-store.ts';

/** @param open A fresh store for each test. */
export function describeMailStore(name: string, open: OpenHarness): void {
  const parts = [
    describeMailboxes,
    describeMessages,
    describeAppends,
    describeQuota,
    describeFlags,
    describeMoving,
    describePublication,
    describeFolders,
    describeAnnotations,
    describeMaildrops,
  ];
  // Each in a suite of its own: what a part does before each test is done for it alone.
  for (const describePart of parts) {
    describe(`${name}`, () => {
      describePart(open);
    });
  }
}
