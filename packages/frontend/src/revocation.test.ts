/** Sessions at two front ends with one real Redis: who is no longer let in is sent away by both. */
import { createAppPasswordService, type AccountId } from '@homeward/directory';
import {
  connectRaw,
  startPrivateRedis,
  type PrivateRedis,
  type RawClient,
} from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  type FrontEndWorld,
} from './testing/front-end-world.ts';

/** From the change to the last session's end. */
const LIMIT_MS = 2_000;

const stack = new AsyncDisposableStack();
let redis: PrivateRedis;
let worlds: readonly FrontEndWorld[];
let count = 0;

beforeAll(async () => {
  redis = stack.use(await startPrivateRedis());
  const certificates = await createWorldCertificates();
  const open = async (): Promise<FrontEndWorld> =>
    stack.use(
      await openFrontEndWorld({
        certificates,
        redis: { url: redis.url, keyPrefix: redis.keyPrefix },
        async home(peer) {
          const { tag } = await takeImapLogin(peer);
          await peer.sendLine(`${tag} OK hello`);
          await peer.hold();
        },
      }),
    );
  worlds = [await open(), await open()];
});
afterAll(() => stack.disposeAsync());

interface Person {
  readonly address: string;
  readonly id: AccountId;
}

function world(): FrontEndWorld {
  const [first] = worlds;
  if (first === undefined) throw new Error('no front end');
  return first;
}

async function addPerson(): Promise<Person> {
  count += 1;
  const address = `person${count}@example.net`;
  const added = await world().accounts.add({ address, site: 'dublin', password: PASSWORD });
  if (!added.ok) throw new Error(`${address} was not added`);
  return { address, id: added.account.id };
}

async function makeAppPassword({ id }: Person, label: string): Promise<string> {
  const service = createAppPasswordService({ driver: world().directory });
  const made = await service.add(id, { label, protocols: ['imap'] });
  if (!made.ok) throw new Error(made.problem.text);
  return made.secret;
}

/** One session at each front end. */
async function logInEverywhere(name: string, password: string): Promise<readonly RawClient[]> {
  return Promise.all(
    worlds.map(async (one) => {
      const client = await one.connect('imaps');
      await client.readLine();
      await client.expectOk(`LOGIN ${name} "${password}"`);
      return client;
    }),
  );
}

/** @returns What each was told, once all have been ended. */
async function expectEnds(
  clients: readonly RawClient[],
  change: () => Promise<unknown>,
): Promise<readonly string[]> {
  const startedAtMs = performance.now();
  await change();
  const words = await Promise.all(
    clients.map(async (client) => {
      const line = await client.readLine();
      await client.expectEnd();
      return line;
    }),
  );
  expect(performance.now() - startedAtMs).toBeLessThan(LIMIT_MS);
  return words;
}

function expectAlive(clients: readonly RawClient[]): void {
  for (const client of clients) expect(client.octets.socket.readyState).toBe('open');
}

type Change = (person: Person) => Promise<unknown>;
const CHANGES: readonly [claim: string, change: Change, words: RegExp][] = [
  [
    'its password changes',
    ({ address }) => world().accounts.setPassword(address, 'another one'),
    /^\* BYE \[EXPIRED\] The password has changed/,
  ],
  [
    'its password lets nobody in any more',
    ({ address }) => world().accounts.change(address, { isPasswordLoginOff: true }),
    /^\* BYE \[EXPIRED\] /,
  ],
  [
    'it is switched off',
    ({ address }) => world().accounts.setEnabled(address, false),
    /^\* BYE \[CONTACTADMIN\] The account may not/,
  ],
  [
    'its protocol is switched off',
    ({ address }) => world().accounts.change(address, { protocols: { imap: false } }),
    /^\* BYE \[CONTACTADMIN\] /,
  ],
  [
    'it becomes of a kind that never gets in',
    ({ address }) => world().accounts.change(address, { kind: 'guest' }),
    /^\* BYE \[CONTACTADMIN\] /,
  ],
  ['it is deleted', ({ address }) => world().accounts.delete(address), /^\* BYE \[CONTACTADMIN\] /],
];

describe('sessions of an account end at every front end when', () => {
  it.each(CHANGES)('%s', async (_claim, change, words) => {
    const person = await addPerson();
    const other = await addPerson();
    const clients = await logInEverywhere(person.address, PASSWORD);
    const others = await logInEverywhere(other.address, PASSWORD);
    for (const told of await expectEnds(clients, () => change(person))) {
      expect(told).toMatch(words);
    }
    expectAlive(others);
  });

  it('their app password is revoked, and those of others stay', async () => {
    const person = await addPerson();
    const [lost, kept] = [
      await makeAppPassword(person, 'lost'),
      await makeAppPassword(person, 'kept'),
    ];
    const ending = await logInEverywhere(person.address, lost);
    const staying = [
      ...(await logInEverywhere(person.address, kept)),
      ...(await logInEverywhere(person.address, PASSWORD)),
    ];
    const service = createAppPasswordService({ driver: world().directory });
    const words = await expectEnds(ending, () => service.revoke(person.id, 'lost'));
    for (const told of words) expect(told).toMatch(/^\* BYE \[EXPIRED\] /);
    await world().accounts.change(person.address, { displayName: 'Person' });
    expectAlive(staying);
  });

  it('a delegate’s right is withdrawn', async () => {
    const [owner, delegate] = [await addPerson(), await addPerson()];
    await world().accounts.setDelegate(owner.address, delegate.address, ['full']);
    const name = `${delegate.address}/${owner.address}`;
    await expect
      .poll(async () => {
        const results = await Promise.allSettled([logInEverywhere(name, PASSWORD)]);
        return results[0]?.status;
      })
      .toBe('fulfilled');
    const clients = await logInEverywhere(name, PASSWORD);
    const own = await logInEverywhere(delegate.address, PASSWORD);
    const words = await expectEnds(clients, () =>
      world().accounts.setDelegate(owner.address, delegate.address, []),
    );
    for (const told of words) expect(told).toMatch(/^\* BYE \[CONTACTADMIN\] /);
    expectAlive(own);
  });

  it('the news of the change were missed: all are looked at once it is back', async () => {
    const person = await addPerson();
    const clients = await logInEverywhere(person.address, PASSWORD);
    const others = await logInEverywhere((await addPerson()).address, PASSWORD);
    await dropNews(redis, () => world().accounts.setEnabled(person.address, false));
    for (const client of clients) await client.expectLine(/^\* BYE \[CONTACTADMIN\] /);
    expectAlive(others);
  });
});

/** Makes a change whose message reaches nobody: subscribers are cut off just before it. */
async function dropNews({ port }: PrivateRedis, change: () => Promise<unknown>): Promise<void> {
  await using client = await connectRaw({ port });
  await client.sendLine('CLIENT KILL TYPE pubsub');
  await client.expectLine(/^:[1-9]/);
  await change();
}
