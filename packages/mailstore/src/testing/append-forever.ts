/**
 * A process for tests to kill: appends numbered messages to one mailbox, several at a time,
 * and prints a line for each one that was acknowledged. Arguments: root, first number.
 */
import { openMailStore, DEFAULT_STORE_LIMITS } from '../mail-store.ts';
import { append, makeMessage, openMailbox } from './mail-steps.ts';
import { createPlainDescriber } from './plain-describer.ts';

const LANE_COUNT = 4;
const [, , root = '', first = ''] = process.argv;
const store = openMailStore({
  root,
  describe: createPlainDescriber,
  clock: { nowMs: () => 0, startTimer: () => () => undefined },
  limits: DEFAULT_STORE_LIMITS,
  defaultFolders: [],
  report: () => undefined,
  checkpointBytes: 400_000,
});
const mailbox = await openMailbox(store);
let next = Number(first);

async function appendForever(): Promise<never> {
  for (;;) {
    const number = next;
    next += 1;
    // Each tenth message is a file.
    const bodyBytes = number % 10 === 0 ? 200_000 : 5000;
    const uid = await append(mailbox, makeMessage(`message ${number}`, bodyBytes));
    process.stdout.write(`acknowledged ${number} ${uid}\n`);
  }
}

await Promise.all(Array.from({ length: LANE_COUNT }, appendForever));
