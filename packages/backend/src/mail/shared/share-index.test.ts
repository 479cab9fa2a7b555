import { writeFile } from 'node:fs/promises';
import type { AccountId } from '@homeward/directory';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShareIndex } from './share-index.ts';

const [anna, berta, clara] = [1, 2, 3].map(
  (number) => `01JD${String(number).padStart(22, '0')}` as AccountId,
) as [AccountId, AccountId, AccountId];

let folder: TempFolder;
let nowMs: number;
let faults: unknown[];

beforeEach(async () => {
  folder = await createTempFolder('shares');
  nowMs = 0;
  faults = [];
});
afterEach(() => folder.remove());

function openIndex(volumeFolder = folder.path): ShareIndex {
  const onFault = (error: unknown): void => void faults.push(error);
  return new ShareIndex({ volumeFolder, elapsedMs: () => nowMs, onFault });
}

describe('ShareIndex', () => {
  it('finds owners by whom they name, also after they named him twice, until they do not', async () => {
    const index = openIndex();
    expect(await index.listOwners(clara)).toEqual([]);
    for (const owner of [anna, berta, anna]) expect(await index.add(owner, clara)).toBe(true);
    await index.add(anna, 'anyone');
    expect((await index.listOwners(clara)).toSorted()).toEqual([anna, berta]);
    expect(await index.listOwners('anyone')).toEqual([anna]);
    await index.remove(anna, clara);
    await index.remove(anna, clara);
    expect(await index.listOwners(clara)).toEqual([berta]);
    expect(await index.listOwners(anna)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('sees within a second what another worker wrote', async () => {
    const [index, other] = [openIndex(), openIndex()];
    expect(await index.listOwners(clara)).toEqual([]);
    await other.add(anna, clara);
    expect(await index.listOwners(clara)).toEqual([]);
    nowMs = 1_000;
    expect(await index.listOwners(clara)).toEqual([anna]);
  });

  it('passes over what is no entry of its own', async () => {
    const index = openIndex();
    await index.add(anna, clara);
    await writeFile(folder.join('shares', clara, 'lost+found'), '');
    expect(await index.listOwners(clara)).toEqual([anna]);
  });

  it('tells of a volume that refuses, and names nobody', async () => {
    await writeFile(folder.join('file'), '');
    const index = openIndex(folder.join('file'));
    expect(await index.listOwners(clara)).toEqual([]);
    expect(await index.add(anna, clara)).toBe(false);
    expect(faults).toHaveLength(2);
  });

  it('changes the lists of one owner one after the other, also after one that failed', async () => {
    const index = openIndex();
    const order: string[] = [];
    const change = (name: string, isGood = true) =>
      index.inTurn(anna, async () => {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
        if (!isGood) throw new Error(name);
        return name;
      });
    const outcomes = await Promise.allSettled([change('a'), change('b', false), change('c')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(order).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });
});
