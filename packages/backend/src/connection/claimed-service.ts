/** A protocol whose sessions are counted: each has its place before anything is opened for it. */
import type { Claimed, SessionClaims } from '../login/session-claims.ts';
import type { ProtocolService } from './protocol-service.ts';

/** What a session holds, and its place. */
export interface ClaimedResource<Resource> {
  readonly resource: Resource;
  readonly place: Claimed;
}

export function claimedService<Resource>(
  service: ProtocolService<Resource>,
  claim: SessionClaims,
): ProtocolService<ClaimedResource<Resource>> {
  return {
    protocol: service.protocol,
    get capabilities() {
      return service.capabilities;
    },
    createDialogue: (connection) => service.createDialogue(connection),
    async open(login) {
      const place = await claim(login);
      if (!place.ok) return place;
      let isHeld = false;
      try {
        const opened = await service.open(login);
        if (!opened.ok) return opened;
        isHeld = true;
        return { ...opened, resource: { resource: opened.resource, place } };
      } finally {
        if (!isHeld) await place.release();
      }
    },
    createSession: (stream, { resource }, beginning) =>
      service.createSession(stream, resource, beginning),
    setQuota: ({ resource }, quota) => service.setQuota(resource, quota),
    onLost: ({ resource }, listener) => service.onLost(resource, listener),
    async release({ resource, place }) {
      try {
        await service.release(resource);
      } finally {
        await place.release();
      }
    },
  };
}
