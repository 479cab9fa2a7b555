/** Folders: STATUS, CREATE and LIST. */
import {
  type BenchRow,
  expectEqual,
  logIn,
  logInMain,
  OTHER_ACCOUNT,
  timed,
} from '../bench-row.ts';
import { getAccount } from '../mail-server.ts';

const STATUS_COUNT = 50;
const LIST_COUNT = 10;

export const FOLDER_ROWS: readonly BenchRow[] = [
  {
    id: 'status',
    title: () => `STATUS of the large folder, ${STATUS_COUNT} times`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: async (context) => {
      await using load = await logInMain(context);
      let text = '';
      const sample = await timed(context.server, async () => {
        for (let round = 0; round < STATUS_COUNT; round += 1) {
          const reply = await load.expectOk(
            'STATUS big (MESSAGES UNSEEN UIDNEXT UIDVALIDITY RECENT)',
          );
          text = reply.lines.join(' ');
        }
      });
      const count = Number(/MESSAGES (\d+)/.exec(text)?.[1]);
      expectEqual('messages told', count, context.size.folderCount);
      return sample;
    },
  },
  {
    id: 'create',
    title: ({ listFolderCount }) => `CREATE of ${listFolderCount} folders`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    isOnce: true,
    measure: async ({ server, size }) => {
      await using load = await logIn(getAccount(server, OTHER_ACCOUNT));
      return await timed(server, async () => {
        for (let index = 0; index < size.listFolderCount; index += 1) {
          await load.expectOk(`CREATE "folder/f${index}"`);
        }
      });
    },
  },
  {
    id: 'list',
    title: ({ listFolderCount }) => `LIST "" * of ${listFolderCount} folders, ${LIST_COUNT} times`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: async ({ server, size }) => {
      await using load = await logIn(getAccount(server, OTHER_ACCOUNT));
      let listed: readonly string[] = [];
      const sample = await timed(server, async () => {
        for (let round = 0; round < LIST_COUNT; round += 1) {
          listed = (await load.expectOk('LIST "" *')).lines;
        }
      });
      const ours = listed.filter((line) => /folder\/f\d+"?$/.test(line)).length;
      // Zero where CREATE was left out by --only.
      if (ours > 0) expectEqual('folders listed', ours, size.listFolderCount);
      return sample;
    },
  },
];
