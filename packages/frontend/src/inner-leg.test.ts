/** How front ends go to sites of our own: TLS that is resumed, or none where that is wanted. */
import type { SiteName } from '@homeward/directory';
import { startScriptedServer, type PeerScript } from '@homeward/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

async function logIn(world: FrontEndWorld): Promise<string> {
  await using client = await world.connect('imaps');
  await client.readLine();
  return (await client.command(`LOGIN anna@example.net "${PASSWORD}"`)).text;
}

/** Lets everybody in, and keeps the tickets. */
function home(tickets: string[]): PeerScript {
  return async (peer) => {
    const { tag, ticket } = await takeImapLogin(peer);
    tickets.push(ticket);
    await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] in`);
    await peer.hold();
  };
}

function claimsOf(ticket: string | undefined): unknown {
  return JSON.parse(Buffer.from(ticket?.split('.')[1] ?? '', 'base64url').toString());
}

describe('the leg to a site', () => {
  it('resumes its TLS session: only the first login costs a full handshake', async () => {
    await using world = await openFrontEndWorld({ certificates, home: home([]) });
    for (let time = 0; time < 5; time += 1) expect(await logIn(world)).toMatch(/^OK/);
    const count = (kind: string): Promise<number | undefined> =>
      world.count(`homeward_frontend_home_handshakes_total{kind="${kind}"}`);
    expect([await count('full'), await count('resumed')]).toEqual([1, 4]);
  });

  it.each([
    ['none', 'plain', { jti: expect.any(String) }],
    ['required', 'encrypted', { cnf: expect.any(String) }],
  ])('with homes.tls %s is %s, and its tickets are bound accordingly', async (tls, how, claims) => {
    const tickets: Record<string, string[]> = { encrypted: [], plain: [] };
    await using world = await openFrontEndWorld({
      certificates,
      home: home(tickets['encrypted'] ?? []),
      homes: { tls },
    });
    await using plain = await startScriptedServer(home(tickets['plain'] ?? []));
    const site = await world.directory.getSite('dublin' as SiteName);
    if (site === undefined) throw new Error('there is no dublin');
    const workers = site.workers.map((worker) => ({ ...worker, imapPort: plain.port }));
    await world.directory.putSite({ ...site, workers, version: 2 });
    expect(await logIn(world)).toMatch(/^OK/);
    expect(
      Object.entries(tickets).flatMap(([leg, { length }]) => (length > 0 ? [leg] : [])),
    ).toEqual([how]);
    const ticket = claimsOf(tickets[how]?.[0]);
    expect(ticket).toMatchObject(claims);
    expect(Object.keys(ticket as object)).not.toContain(how === 'plain' ? 'cnf' : 'jti');
  });
});
