/** What operators see and want, as every driver must do it, against its real store. */
import { expect, test, vi } from 'vitest';
import { ComponentStates } from '../operations/component-states.ts';
import { frontEndComponent, siteComponent } from '../operations/component-name.ts';
import { formatLeaseOwner, siteAsFrontEnd } from '../operations/lease-owner.ts';
import type { ComponentRequest, SessionEndRequest, SessionQuery } from '../operations/ports.ts';
import type { AccountId, SessionClaim, SiteName } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';

const WITHIN_A_SECOND = { timeout: 1_000, interval: 10 };
const ANNA = '01JDANNA000000000000000000' as AccountId;
const TEAM = '01JDTEAM000000000000000000' as AccountId;
const [DUBLIN, OSLO] = ['dublin' as SiteName, 'oslo' as SiteName];

function claim(conversationId: string, changes: Partial<SessionClaim> = {}): SessionClaim {
  return {
    conversationId,
    accountId: ANNA,
    mailboxId: ANNA,
    protocol: 'imap',
    site: DUBLIN,
    clientAddress: '192.0.2.1',
    startedAtMs: 1,
    ...changes,
  };
}

function endRequest(id: string, requestedAtMs = Date.now()): SessionEndRequest {
  return { id, site: DUBLIN, requestedBy: 'root@here', requestedAtMs };
}

function wish(requester: string, state: ComponentRequest['state']): ComponentRequest {
  const component = frontEndComponent('fe1');
  return { component, requester, state, why: 'new disk', who: 'root@here', sinceMs: 5 };
}

/** @param open Another process's view of the store. */
export function describeOperations(open: () => Promise<DirectoryDriver>): void {
  test('finds sessions of all front ends, and of sites, by what is asked, page by page', async () => {
    const [driver, other] = [await open(), await open()];
    const first = await driver.openLease(formatLeaseOwner('fe-1', 7, '0123abcd'));
    const second = await other.openLease(formatLeaseOwner(siteAsFrontEnd(OSLO), 7, '0123abcd'));
    await first.claim(claim('C1'));
    await first.claim(claim('C3', { protocol: 'pop3', clientAddress: '198.51.100.7' }));
    await second.claim(claim('C2', { mailboxId: TEAM, site: OSLO }));
    const found = async (query: SessionQuery, after?: string, limit = 10): Promise<unknown> => {
      const page = await driver.operations.listSessions(query, { after, limit });
      const ids = page.sessions.map(
        ({ conversationId, frontEnd }) => `${conversationId} ${frontEnd}`,
      );
      return [ids.join(', '), page.totalCount];
    };
    // A lease's own list follows a claim by a moment.
    await vi.waitFor(async () => {
      expect(await found({})).toEqual(['C1 fe-1, C2 site:oslo, C3 fe-1', 3]);
    }, WITHIN_A_SECOND);
    expect(await found({ accountId: ANNA })).toEqual(['C1 fe-1, C2 site:oslo, C3 fe-1', 3]);
    expect(await found({ accountId: TEAM })).toEqual(['C2 site:oslo', 1]);
    expect(await found({ site: DUBLIN })).toEqual(['C1 fe-1, C3 fe-1', 2]);
    expect(await found({ protocol: 'pop3' })).toEqual(['C3 fe-1', 1]);
    expect(await found({ frontEnd: 'site:oslo' })).toEqual(['C2 site:oslo', 1]);
    expect(await found({ frontEnd: 'fe' })).toEqual(['', 0]);
    expect(await found({ conversationId: 'C3' })).toEqual(['C3 fe-1', 1]);
    expect(await found({ isFrom: (address) => address.startsWith('198.') })).toEqual([
      'C3 fe-1',
      1,
    ]);
    expect(await found({ site: DUBLIN, protocol: 'imap' })).toEqual(['C1 fe-1', 1]);
    expect(await found({}, undefined, 2)).toEqual(['C1 fe-1, C2 site:oslo', 3]);
    expect(await found({}, 'C2', 2)).toEqual(['C3 fe-1', 3]);
    expect(await found({}, undefined, 0)).toEqual(['', 3]);
    expect(await driver.operations.listLeases()).toEqual([
      { leaseId: first.id, frontEnd: 'fe-1', sessionCount: 2 },
      { leaseId: second.id, frontEnd: 'site:oslo', sessionCount: 1 },
    ]);
    await second.close();
    expect(await found({ site: OSLO })).toEqual(['', 0]);
    expect(await driver.operations.listLeases()).toHaveLength(1);
  });

  test('tells front ends of a request to end sessions, and keeps it and their answers', async () => {
    const [driver, other] = [await open(), await open()];
    const areas: string[] = [];
    other.subscribe(({ area }) => areas.push(area));
    await driver.operations.putSessionEnd(endRequest('r1'));
    await vi.waitFor(() => expect(areas).toContain('session-ends'), WITHIN_A_SECOND);
    expect(await other.operations.listSessionEnds()).toMatchObject([
      endRequest('r1', expect.anything() as number),
    ]);
    await other.operations.answerSessionEnd('r1', 'lease-a', 3);
    await other.operations.answerSessionEnd('r1', 'lease-b', 0);
    expect(await driver.operations.readSessionEndAnswers('r1')).toEqual(
      new Map([
        ['lease-a', 3],
        ['lease-b', 0],
      ]),
    );
    expect((await driver.operations.readSessionEndAnswers('r2')).size).toBe(0);
  });

  test('forgets requests to end sessions after a while', async () => {
    const driver = await open();
    await driver.operations.putSessionEnd(endRequest('old', Date.now() - 600_000));
    await driver.operations.putSessionEnd(endRequest('new'));
    const ids = (await driver.operations.listSessionEnds()).map(({ id }) => id);
    expect(ids).toEqual(['new']);
  });

  test('has a component active when no requester wants anything else, live', async () => {
    const [driver, other] = [await open(), await open()];
    const component = frontEndComponent('fe1');
    const states = new ComponentStates({
      driver: other,
      onFault: (error) => {
        throw error;
      },
    });
    try {
      await states.read();
      const expectState = (state: string): Promise<void> =>
        vi.waitFor(() => expect(states.stateOf(component)).toBe(state), WITHIN_A_SECOND);
      await expectState('active');
      await driver.operations.putComponentRequest(wish('maintenance', 'draining'));
      await expectState('draining');
      await driver.operations.putComponentRequest(wish('health', 'inactive'));
      await expectState('inactive');
      expect(states.stateOf(siteComponent(DUBLIN))).toBe('active');
      expect(states.requestsOf(component)).toHaveLength(2);
      expect(await driver.operations.removeComponentRequest(component, 'health')).toBe(true);
      await expectState('draining');
      expect(await driver.operations.removeComponentRequest(component, 'health')).toBe(false);
      await driver.operations.removeComponentRequest(component, 'maintenance');
      await expectState('active');
      expect(await driver.operations.listComponentRequests()).toEqual([]);
    } finally {
      states.close();
    }
  });

  test('gives a duty to one holder at a time, who may go on, leave, or be late', async () => {
    const [driver, other] = [await open(), await open()];
    const take = (of: DirectoryDriver, holder: string, lifeMs = 60_000): Promise<string> =>
      of.operations.takeDuty('ldap-sync', holder, lifeMs);
    expect(await take(driver, 'a')).toBe('a');
    expect(await take(other, 'b')).toBe('a');
    expect(await take(driver, 'a', 1)).toBe('a');
    await vi.waitFor(async () => expect(await take(other, 'b')).toBe('b'), WITHIN_A_SECOND);
    // It is another's by now.
    await driver.operations.leaveDuty('ldap-sync', 'a');
    expect(await take(driver, 'a')).toBe('b');
    await other.operations.leaveDuty('ldap-sync', 'b');
    expect(await take(driver, 'a')).toBe('a');
  });
}
