/** CAPA (RFC 2449 §5), NOOP and RSET (RFC 1939 §5), QUIT (RFC 1939 §6). */
import { listCapabilities } from '../../grammar/capabilities.ts';
import { formatLines } from '../../grammar/response.ts';
import type { Outcome, SessionContext } from '../session-context.ts';

export function runCapa(context: SessionContext): Outcome {
  const lines = listCapabilities({ stls: false, ...context.options.login });
  context.writer.say(formatLines('Capability list follows', lines));
  return 'OK';
}

export function runNoop(context: SessionContext): Outcome {
  return context.ok('Nothing done');
}

export function runRset(context: SessionContext): Outcome {
  context.view.reset();
  return context.ok(`${context.view.count} messages (${context.view.sizeBytes} octets)`);
}

/** The UPDATE state: removes what was marked, answers when that is durable, and ends. */
export async function runQuit(context: SessionContext): Promise<Outcome> {
  const deleted = context.view.listDeleted();
  context.finish('logged-out');
  if (deleted.length === 0) {
    context.maildrop.unlock();
    return context.ok('Goodbye');
  }
  // RFC 1939 §6: whether some or none were removed is not the client's to know.
  const isComplete = await removeAll(context, deleted);
  // Before the answer: a client that comes back at once must not find the maildrop in use.
  context.maildrop.unlock();
  context.options.observe({ kind: 'removed', messageCount: deleted.length, isComplete });
  return isComplete
    ? context.ok(`Goodbye, ${deleted.length} messages deleted`)
    : context.err('Some deleted messages were not removed', 'SYS/TEMP');
}

async function removeAll(context: SessionContext, indexes: Uint32Array): Promise<boolean> {
  try {
    return await context.maildrop.remove(indexes);
  } catch (error) {
    context.options.observe({ kind: 'failed', command: 'QUIT', error });
    return false;
  }
}
