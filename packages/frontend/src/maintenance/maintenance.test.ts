/** What states mean for a front end, over a directory in a file and conversations of a script. */
import {
  frontEndComponent,
  openComponentStates,
  openEmbeddedDirectory,
  siteComponent,
  workerComponent,
  type ComponentName,
  type ComponentStates,
  type DirectoryDriver,
  type SiteName,
} from '@homeward/directory';
import { createTempFolder, FakeClock, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveConversation, SessionFacts } from '../conversation/live-session.ts';
import type { Route } from '../login/route.ts';
import { createRecordingLog, siteRecord } from '../testing/scripted-ports.ts';
import { Maintenance } from './maintenance.ts';

const DUBLIN = 'dublin' as SiteName;
const OWN = frontEndComponent('fe1');
const SOON = { timeout: 2_000, interval: 5 };

let folder: TempFolder;
let driver: DirectoryDriver;
let states: ComponentStates;
let clock: FakeClock;
let maintenance: Maintenance;
let live: LiveConversation[];
let ended: string[];
let onSession: (conversation: LiveConversation) => void;

beforeEach(async () => {
  folder = await createTempFolder();
  driver = await openEmbeddedDirectory({ file: folder.join('directory.db') });
  states = await openComponentStates({
    driver,
    onFault: (error) => {
      throw error;
    },
  });
  clock = new FakeClock();
  live = [];
  ended = [];
  maintenance = new Maintenance({
    states,
    frontEnd: 'fe1',
    clock,
    random: () => 0.5,
    settings: () => ({ windowSeconds: 60, noticeSeconds: 10, commandSeconds: 30 }),
    log: createRecordingLog(),
  });
  maintenance.watch({
    find: (filter) => live.filter((one) => filter?.matches?.(one) ?? true),
    onSession(listener) {
      onSession = listener;
      return () => undefined;
    },
  });
});
afterEach(async () => {
  maintenance.close();
  states.close();
  await driver.close();
  await folder.remove();
});

function conversation(name: string, site?: string, workerIndex?: number): LiveConversation {
  const session = site === undefined ? undefined : ({ site, workerIndex } as SessionFacts);
  return {
    session,
    end: (reason: string) => ended.push(`${name} ${reason}`),
  } as unknown as LiveConversation;
}

async function set(
  component: ComponentName,
  state: 'draining' | 'inactive' | 'active',
): Promise<void> {
  if (state === 'active') {
    await driver.operations.removeComponentRequest(component, 'test');
  } else {
    await driver.operations.putComponentRequest({
      component,
      requester: 'test',
      state,
      why: 'new disk',
      who: 'root@here',
      sinceMs: 1,
    });
  }
  await vi.waitFor(() => expect(states.stateOf(component)).toBe(state), SOON);
}

function route(workerIndex: number): Route {
  return { ok: true, kind: 'own', workerIndex, site: siteRecord() } as Route;
}

describe('a front end', () => {
  beforeEach(() => {
    live = Array.from({ length: 60 }, (_, index) => conversation(String(index), 'dublin', 0));
  });

  it('drains: not ready at once, open for the notice, empty within the window', async () => {
    expect(maintenance.findFault()).toBeUndefined();
    await set(OWN, 'draining');
    expect(maintenance.findFault()).toBe('frontend:fe1 is draining (test: new disk)');
    clock.advance(9_999);
    expect([maintenance.isOpen, ended.length]).toEqual([true, 0]);
    clock.advance(1);
    expect(maintenance.isOpen).toBe(false);
    clock.advance(30_000);
    expect(ended.length).toBeGreaterThan(25);
    expect(ended.length).toBeLessThan(36);
    clock.advance(30_000);
    expect(ended).toHaveLength(60);
    expect(new Set(ended.map((text) => text.split(' ')[1]))).toEqual(new Set(['draining']));
    onSession(conversation('late', 'dublin', 0));
    expect(ended.at(-1)).toBe('late draining');
  });

  it('serves again when it is active again, and ends nobody more', async () => {
    await set(OWN, 'draining');
    clock.advance(20_000);
    const count = ended.length;
    await set(OWN, 'active');
    clock.advance(120_000);
    expect(ended).toHaveLength(count);
    expect([maintenance.isOpen, maintenance.findFault()]).toEqual([true, undefined]);
    onSession(conversation('new', 'dublin', 0));
    expect(ended).toHaveLength(count);
  });

  it('is empty and shut at once when it is inactive', async () => {
    await set(OWN, 'inactive');
    expect([maintenance.isOpen, ended.length]).toEqual([false, 60]);
  });

  it('does not care for other front ends', async () => {
    await set(frontEndComponent('fe2'), 'inactive');
    expect([maintenance.isOpen, maintenance.findFault(), ended.length]).toEqual([
      true,
      undefined,
      0,
    ]);
  });
});

describe('a site or a worker', () => {
  beforeEach(() => {
    live = [
      conversation('a', 'dublin', 0),
      conversation('b', 'dublin', 1),
      conversation('c', 'oslo', 0),
      conversation('visitor'),
    ];
  });

  it.each([
    ['site', siteComponent(DUBLIN), ['a draining', 'b draining']],
    ['worker', workerComponent(DUBLIN, 1), ['b draining']],
  ] as const)('%s: its sessions end, and no others', async (_, component, expected) => {
    await set(component, 'draining');
    clock.advance(60_000);
    expect(ended.toSorted((a, b) => a.localeCompare(b))).toEqual(expected);
    expect(maintenance.isOpen).toBe(true);
    expect(maintenance.findFault()).toBeUndefined();
  });

  it('is no place to be led to, until it is active again', async () => {
    await set(workerComponent(DUBLIN, 1), 'draining');
    expect(maintenance.findRouteFault(route(0))).toBeUndefined();
    expect(maintenance.findRouteFault(route(1))).toEqual({
      ok: false,
      reason: 'in-maintenance',
      logDetail: 'worker:dublin/1 is draining (test: new disk)',
    });
    await set(siteComponent(DUBLIN), 'inactive');
    expect(maintenance.findRouteFault(route(0))).toMatchObject({ reason: 'in-maintenance' });
    await set(siteComponent(DUBLIN), 'active');
    await set(workerComponent(DUBLIN, 1), 'active');
    expect(maintenance.findRouteFault(route(1))).toBeUndefined();
  });

  it('ends a session whose login was under way', async () => {
    await set(siteComponent(DUBLIN), 'inactive');
    ended.length = 0;
    onSession(conversation('late', 'dublin', 1));
    onSession(conversation('other', 'oslo', 1));
    expect(ended).toEqual(['late draining']);
  });
});
