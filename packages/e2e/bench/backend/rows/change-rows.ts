/** Changing the large folder: STORE, COPY, MOVE and EXPUNGE; each leaves it as it was. */
import { type BenchRow, expectEqual, logInMain, type RowContext, timed } from '../bench-row.ts';
import type { ImapLoad } from '../../../src/load/imap-load.ts';

export const CHANGE_ROWS: readonly BenchRow[] = [
  {
    id: 'store',
    title: () => 'STORE 1:* +FLAGS (\\Seen)',
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: async (context) => {
      await using load = await logInMain(context);
      await load.expectOk('SELECT big');
      let told = 0;
      const sample = await timed(context.server, async () => {
        told = (await load.expectOk('STORE 1:* +FLAGS (\\Seen)')).fetchCount;
      });
      expectEqual('messages told', told, context.size.folderCount);
      await load.expectOk('STORE 1:* -FLAGS.SILENT (\\Seen)');
      return sample;
    },
  },
  {
    id: 'copy',
    title: () => 'COPY 1:* to another folder',
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: (context) =>
      withFolder(context, 'copied', async (load) => {
        await load.expectOk('SELECT big');
        const sample = await timed(context.server, async () => {
          await load.expectOk('COPY 1:* copied');
        });
        await load.expectOk('UNSELECT');
        const { lines } = await load.expectOk('STATUS copied (MESSAGES)');
        const count = Number(/MESSAGES (\d+)/.exec(lines.join(' '))?.[1]);
        expectEqual('messages copied', count, context.size.folderCount);
        return sample;
      }),
  },
  {
    id: 'move',
    title: ({ folderCount }) => `MOVE of ${partOf(folderCount)}`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: (context) =>
      withFolder(context, 'moved', (load) =>
        withCopies(context, load, async (count) => {
          let gone = 0;
          const sample = await timed(context.server, async () => {
            gone = countExpunged((await load.expectOk(`MOVE 1:${count} moved`)).lines);
          });
          expectEqual('messages moved away', gone, count);
          return sample;
        }),
      ),
  },
  {
    id: 'expunge',
    title: ({ folderCount }) => `EXPUNGE of ${partOf(folderCount)}`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: (context) =>
      withFolder(context, 'moved', (load) =>
        withCopies(context, load, async (count) => {
          await load.expectOk(`STORE 1:${count} +FLAGS.SILENT (\\Deleted)`);
          let gone = 0;
          const sample = await timed(context.server, async () => {
            gone = countExpunged((await load.expectOk('EXPUNGE')).lines);
          });
          expectEqual('messages expunged', gone, count);
          return sample;
        }),
      ),
  },
];

function partOf(folderCount: number): number {
  return Math.min(1_000, Math.floor(folderCount / 4));
}

async function withFolder<Value>(
  context: RowContext,
  folder: string,
  work: (load: ImapLoad) => Promise<Value>,
): Promise<Value> {
  await using load = await logInMain(context);
  await load.expectOk(`CREATE ${folder}`);
  const value = await work(load);
  await load.expectOk(`DELETE ${folder}`);
  return value;
}

/** Runs `work` with the first messages of the large folder copied to one that is selected. */
async function withCopies<Value>(
  { size }: RowContext,
  load: ImapLoad,
  work: (count: number) => Promise<Value>,
): Promise<Value> {
  const count = partOf(size.folderCount);
  await load.expectOk('CREATE source');
  await load.expectOk('SELECT big');
  await load.expectOk(`COPY 1:${count * 2} source`);
  await load.expectOk('SELECT source');
  const value = await work(count);
  await load.expectOk('UNSELECT');
  await load.expectOk('DELETE source');
  return value;
}

function countExpunged(lines: readonly string[]): number {
  return lines.filter((line) => line.endsWith(' EXPUNGE')).length;
}
