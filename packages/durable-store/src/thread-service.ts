/** The thread's side of `thread-calls.ts`. */
import { parentPort } from 'node:worker_threads';
import { classifyDatabaseError } from './database.ts';
import { errorCode } from './store-files.ts';
import type { ThreadReply, ThreadRequest } from './thread-calls.ts';

/** Answers requests with what `run` makes of them, or the error it throws. */
export function serveThread<Body>(run: (body: Body) => unknown): void {
  parentPort?.on('message', (request: ThreadRequest<Body>) => {
    void answer(request, run).then((reply) => parentPort?.postMessage(reply));
  });
}

async function answer<Body>(
  { id, body }: ThreadRequest<Body>,
  run: (body: Body) => unknown,
): Promise<ThreadReply> {
  try {
    return { id, ok: true, result: await run(body) };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown';
    const code = classifyDatabaseError(error)?.code ?? errorCode(error);
    return { id, ok: false, code, message };
  }
}
