/** Names of messages over all sites: `dublin/0-m3x9k2ab`. */
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { QueueDoor } from './queue-doors.ts';

export interface MessageName {
  readonly site: string;
  /** Whose queue it is in, or was in before another worker adopted it. */
  readonly workerIndex: number;
  /** As the site has it. */
  readonly id: string;
}

const NAME = /^(?<site>[a-z0-9-]{1,63})\/(?<id>(?<worker>\d{1,3})-[0-9a-z]{1,11})$/u;

/** @throws OperatorError */
export function parseMessageName(text: string): MessageName {
  const groups = NAME.exec(text)?.groups;
  if (groups === undefined) {
    throw new OperatorError(
      `"${text}" is no message of a queue; homeward queue list shows them, such as dublin/0-m3x9k2ab`,
      EXIT_CODES.usage,
    );
  }
  const { site = '', id = '', worker = '' } = groups;
  return { site, id, workerIndex: Number(worker) };
}

/** Queues of workers that are no more are with the first one. */
export function findDoor(
  doors: readonly QueueDoor[],
  { site, workerIndex }: MessageName,
): QueueDoor | undefined {
  const own = doors.filter((door) => door.site === site);
  return own.find((door) => door.workerIndex === workerIndex) ?? own[0];
}
