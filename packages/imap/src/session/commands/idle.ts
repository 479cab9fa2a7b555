/**
 * IDLE (RFC 2177 §3): changes of the selected folder are told as they are published, until
 * DONE. Where nothing changes, the client hears from time to time that we are there: RFC 2177 §3
 * leaves it to clients to come back before 29 minutes are over, but home routers forget a
 * connection after five.
 */
import { reportChanges, tellUnasked } from '../change-report.ts';
import { type CommandResult, bad, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

/** "DONE" and some room for a client that adds blanks. */
const LINE_BYTES = 64;
/** Home routers forget silent connections after five minutes, phone networks after less. */
const REMIND_MS = 120_000;

export async function runIdle(context: SessionContext): Promise<CommandResult> {
  context.writer.continuation('idling');
  await tellChanges(context);
  const { gate } = context;
  const reminder = { isDue: false };
  const unsubscribe = context.view?.folder.subscribe(() => gate.wake());
  const stopReminding = context.options.remindRegularly(REMIND_MS, () => {
    reminder.isDue = true;
    gate.wake();
  });
  try {
    return await idleUntilDone(context, reminder);
  } finally {
    stopReminding();
    unsubscribe?.();
  }
}

/** RFC 5465 §4: exactly what NOTIFY says, if it says anything. */
async function tellChanges(context: SessionContext): Promise<void> {
  if (context.watch === undefined) await reportChanges(context, true, false);
  else await tellUnasked(context, true);
}

async function idleUntilDone(
  context: SessionContext,
  reminder: { isDue: boolean },
): Promise<CommandResult> {
  for (;;) {
    const line = context.reader.readLine(LINE_BYTES);
    if (line !== undefined) return endIdle(context, line);
    await context.writer.flush();
    const event = await context.gate.wait();
    if (event === 'woken') {
      if (context.endRequest !== undefined) {
        context.finish(context.endRequest);
        return ok('IDLE ended');
      }
      if (reminder.isDue) context.writer.untagged('OK Still here');
      reminder.isDue = false;
      await tellChanges(context);
    } else if (typeof event === 'string') {
      context.finishByStream(event);
      return ok('IDLE ended');
    } else {
      context.reader.push(event);
    }
  }
}

function endIdle(context: SessionContext, line: Uint8Array | 'too-long'): CommandResult {
  if (line === 'too-long') {
    context.finish('protocol-error');
    return bad('IDLE ends with DONE');
  }
  const text = Buffer.from(line).toString('latin1').replace(/ +$/, '').toUpperCase();
  return text === 'DONE' ? ok('IDLE completed') : bad('IDLE ends with DONE');
}
