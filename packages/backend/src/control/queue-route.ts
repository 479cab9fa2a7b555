/**
 * `POST /v1/queue` of a control port with a job (`queue-job.ts` of the mail-queue package); the
 * answer is a `QueueAnswer`. For operators.
 */
import type { QueueAnswer, QueueDesk, QueueFilter, QueueJob } from '@homeward/mail-queue';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

export const QUEUE_PATH = '/v1/queue';

/** Messages named in one job, and entries of one page. */
const ID_COUNT = 1_000;
const PAGE_LENGTH = 1_000;

const id = z.string().regex(/^\d{1,3}-[0-9a-z]{1,11}$/u);
const text = z.string().min(1).max(1_000);
const filter: z.ZodType<QueueFilter> = z.strictObject({
  sender: text.optional(),
  recipient: text.optional(),
  destination: text.optional(),
  state: z.enum(['waiting', 'trying', 'held']).optional(),
});

/** The form of a job. */
export const QUEUE_JOB: z.ZodType<QueueJob> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('list'),
    filter,
    after: id.optional(),
    limit: z.int().min(1).max(PAGE_LENGTH),
  }),
  z.strictObject({ kind: z.literal('show'), id }),
  z.strictObject({
    kind: z.literal('change'),
    action: z.enum(['retry', 'hold', 'release', 'drop']),
    target: z.union([
      z.strictObject({ ids: z.array(id).min(1).max(ID_COUNT) }),
      z.strictObject({ filter }),
    ]),
  }),
]);

export interface QueueRouteOptions {
  readonly queue: QueueDesk;
  /** Told of every job that changed something, after it. */
  readonly onQueueChange: (
    job: Extract<QueueJob, { readonly kind: 'change' }>,
    caller: string,
    answer: QueueAnswer<{ readonly changedCount: number }>,
  ) => void;
}

/** @param callerOf Who asks, as his certificate has it. */
export function addQueueRoute(
  app: FastifyInstance,
  { queue, onQueueChange }: QueueRouteOptions,
  callerOf: (request: FastifyRequest) => string | undefined,
): void {
  app.post(QUEUE_PATH, async (request, reply) => {
    const parsed = QUEUE_JOB.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    const job = parsed.data;
    if (job.kind !== 'change') return queue.run(job);
    const answer = await queue.run(job);
    onQueueChange(job, callerOf(request) ?? '', answer);
    return answer;
  });
}
