/** A POP3 program that takes everything. */
import {
  type BenchRow,
  countOctets,
  expectEqual,
  POP3_ACCOUNT,
  type RowContext,
  type Sample,
  timed,
} from '../bench-row.ts';
import { getAccount } from '../mail-server.ts';
import { Pop3Load } from '../../../src/load/pop3-load.ts';

export const POP3_ROWS: readonly BenchRow[] = [
  {
    id: 'pop3',
    title: ({ appendCount }) => `POP3: login, UIDL, RETR of ${appendCount}`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: measurePop3,
  },
];

async function measurePop3({ server, corpus, size }: RowContext): Promise<Sample> {
  const { pop3Port, name, password } = getAccount(server, POP3_ACCOUNT);
  let octets = 0;
  const sample = await timed(server, async () => {
    await using load = await Pop3Load.logIn(pop3Port, name, password);
    await load.command('UIDL', true);
    for (let number = 1; number <= size.appendCount; number += 1) {
      octets += (await load.command(`RETR ${number}`, true)).bodyBytes;
    }
    await load.command('QUIT');
  });
  // No line of the corpus begins with a dot, so none is stuffed.
  expectEqual('octets', octets, countOctets(corpus, size.appendCount));
  return sample;
}
