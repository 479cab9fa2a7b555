import { DirectoryUnavailableError, type SessionEndRequest } from '@homeward/directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { SessionEndDesk } from './session-end-desk.ts';

/** What the directory has of requests and answers, and whether it takes the latter. */
let requests: SessionEndRequest[];
let answers: string[];
let isAway: boolean;
let endedSites: (string | undefined)[];
let logged: string[];
let desk: SessionEndDesk;

beforeEach(async () => {
  requests = [];
  answers = [];
  isAway = false;
  endedSites = [];
  logged = [];
  desk = new SessionEndDesk({
    driver: {
      subscribe: () => () => undefined,
      operations: {
        listSessionEnds: () => Promise.resolve([...requests]),
        answerSessionEnd(id, leaseId, count) {
          if (isAway) return Promise.reject(new DirectoryUnavailableError('gone'));
          answers.push(`${id} ${leaseId} ${count}`);
          return Promise.resolve();
        },
      },
    },
    leaseId: 'fe-1',
    frontEnd: 'fe',
    end({ site, network }) {
      if (network === 'nowhere') throw new Error('no network');
      endedSites.push(site);
      return 1;
    },
    log: { log: (event) => void logged.push(event) },
  });
  await desk.look();
});

function request(id: string, facts: Partial<SessionEndRequest> = {}): SessionEndRequest {
  return { id, requestedBy: 'root@host', requestedAtMs: 0, ...facts };
}

describe('SessionEndDesk', () => {
  it('acts upon each request once, and answers', async () => {
    requests = [request('a', { site: 'lisbon' as never }), request('b', { frontEnd: 'other' })];
    await desk.look();
    await desk.look();
    expect(endedSites).toEqual(['lisbon']);
    expect(answers).toEqual(['a fe-1 1', 'b fe-1 0']);
  });

  it('carries out all of them though the directory takes no answer', async () => {
    isAway = true;
    requests = [
      request('a', { site: 'lisbon' as never }),
      request('b', { site: 'dublin' as never }),
    ];
    await desk.look();
    expect(endedSites).toEqual(['lisbon', 'dublin']);
  });

  it('is not stopped by a request that makes no sense', async () => {
    requests = [request('a', { network: 'nowhere' }), request('b', { site: 'dublin' as never })];
    await desk.look();
    expect(endedSites).toEqual(['dublin']);
    expect(answers).toEqual(['b fe-1 1']);
    expect(logged).toContain('session-end.failed');
  });
});
