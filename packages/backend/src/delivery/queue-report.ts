/** What the queue tells of itself, as log lines and counts. */
import type { QueueEvent, ReportQueueEvent, SiteQueue } from '@homeward/mail-queue';
import type { Logger, Metrics } from '@homeward/service';
import type { BackEndLogEvents } from '../log-events.ts';
import type { BackEndMetrics } from '../metrics/back-end-metrics.ts';

/** @param log Gets addresses of recipients that failed, and what servers said; no more. */
export function createQueueReport(
  log: Logger<BackEndLogEvents>,
  metrics: Metrics<BackEndMetrics>,
): ReportQueueEvent {
  const count = countQueueEvents(metrics);
  return (event) => {
    count(event);
    logQueueEvent(log, event);
  };
}

/** What the queue holds, read when somebody looks. */
export function watchQueue(
  queue: Pick<SiteQueue, 'gauges'>,
  metrics: Metrics<BackEndMetrics>,
  nowMs: () => number,
): void {
  const messages = metrics.gauge('homeward_backend_queue_messages');
  messages.read({ state: 'waiting' }, () => queue.gauges().waitingCount);
  messages.read({ state: 'trying' }, () => queue.gauges().tryingCount);
  messages.read({ state: 'held' }, () => queue.gauges().heldCount);
  metrics.gauge('homeward_backend_queue_octets').read({}, () => queue.gauges().totalBytes);
  metrics.gauge('homeward_backend_queue_oldest_seconds').read({}, () => {
    const { oldestMs } = queue.gauges();
    return oldestMs === undefined ? 0 : Math.max(0, (nowMs() - oldestMs) / 1_000);
  });
}

function countQueueEvents(metrics: Metrics<BackEndMetrics>): ReportQueueEvent {
  const attempts = metrics.counter('homeward_backend_queue_attempts_total');
  const notices = metrics.counter('homeward_backend_queue_notices_total');
  const duplicates = metrics.counter('homeward_backend_queue_duplicates_total');
  const refusals = metrics.counter('homeward_backend_queue_refusals_total');
  const unreadable = metrics.counter('homeward_backend_queue_unreadable_total');
  return (event) => {
    if (event.name === 'attempted') {
      const { kind: destination, counts } = event;
      for (const outcome of ['delivered', 'relayed', 'deferred', 'failed'] as const) {
        attempts.add({ destination, outcome }, counts[outcome]);
      }
    } else if (event.name === 'notice-enqueued') {
      notices.add({ kind: event.kind });
    } else if (event.name === 'maybe-duplicated') {
      duplicates.add({ cause: event.cause }, event.recipientCount);
    } else if (event.name === 'refused') {
      refusals.add({ reason: event.reason });
    } else if (event.name === 'message-unreadable') {
      unreadable.add({ reason: event.reason });
    }
  };
}

function logQueueEvent(log: Logger<BackEndLogEvents>, event: QueueEvent): void {
  switch (event.name) {
    case 'opened':
      log.log('queue.opened', { queue: event.workerIndex, messageCount: event.messageCount });
      return;
    case 'adopted-emptied':
      log.log('queue.adopted', { queue: event.workerIndex });
      return;
    case 'locked':
    case 'broke':
    case 'volume-full':
    case 'file-failed': {
      const { name: fault, workerIndex: queue } = event;
      log.log('queue.failed', { queue, fault, code: 'code' in event ? event.code : undefined });
      return;
    }
    case 'enqueued':
    case 'refused':
      return;
    case 'message-unreadable': {
      const { message, reference, reason, code, isHeld } = event;
      log.log('queue.message-unreadable', { message, reference, reason, code, isHeld });
      return;
    }
    case 'attempted': {
      const { reference, destination, counts, detail, remote } = event;
      const isDone = counts.deferred + counts.failed === 0;
      const name = isDone ? 'delivery.done' : 'delivery.unfinished';
      const doneCount = counts.delivered + counts.relayed;
      const { deferred: deferredCount, failed: failedCount } = counts;
      const facts = { reference, destination, remote, doneCount, deferredCount, failedCount };
      log.log(name, isDone ? facts : { ...facts, detail });
      return;
    }
    case 'failed': {
      const { reference, recipient, code, enhanced, detail, remote } = event;
      const facts = { reference, recipient, code, enhanced, detail, remote };
      log.log('delivery.given-up', facts);
      return;
    }
    case 'notice-enqueued': {
      const { reference, noticeReference, kind, recipientCount } = event;
      log.log('notice.enqueued', { reference, noticeReference, kind, recipientCount });
      return;
    }
    case 'maybe-duplicated': {
      const { reference, cause, recipientCount } = event;
      log.log('delivery.maybe-duplicated', { reference, cause, recipientCount });
      return;
    }
    case 'bug':
      log.log('delivery.failed', { error: event.error });
  }
}
