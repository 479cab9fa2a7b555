/** CAPA (RFC 2449 §5), LANG (RFC 6856 §3), NOOP and RSET (RFC 1939 §5), QUIT (RFC 1939 §6). */
import { listCapabilities } from '../../grammar/capabilities.ts';
import type { Pop3CommandOf } from '../../grammar/command.ts';
import { formatLines } from '../../grammar/response.ts';
import { answerLang } from '../../grammar/texts/answer-lang.ts';
import type { Outcome, SessionContext } from '../session-context.ts';

export function runCapa(context: SessionContext): Outcome {
  const lines = listCapabilities({ stls: false, ...context.options.login });
  context.writer.say(formatLines(context.texts.capabilitiesFollow, lines));
  return 'OK';
}

export function runLang(context: SessionContext, { range }: Pop3CommandOf<'LANG'>): Outcome {
  const answer = answerLang(range, context.language, context.options.preferredLanguage);
  context.language = answer.language;
  context.writer.say(answer.octets);
  return answer.isOk ? 'OK' : 'ERR';
}

export function runNoop(context: SessionContext): Outcome {
  return context.ok(context.texts.nothingDone);
}

export function runRset(context: SessionContext): Outcome {
  context.view.reset();
  return context.ok(context.texts.maildropSize(context.view.count, context.view.sizeBytes));
}

/** The UPDATE state: removes what was marked, answers when that is durable, and ends. */
export async function runQuit(context: SessionContext): Promise<Outcome> {
  const deleted = context.view.listDeleted();
  context.finish('logged-out');
  if (deleted.length === 0) {
    context.maildrop.unlock();
    return context.ok(context.texts.goodbye);
  }
  // RFC 1939 §6: whether some or none were removed is not the client's to know.
  const isComplete = await removeAll(context, deleted);
  // Before the answer: a client that comes back at once must not find the maildrop in use.
  context.maildrop.unlock();
  context.options.observe({ kind: 'removed', messageCount: deleted.length, isComplete });
  return isComplete
    ? context.ok(context.texts.goodbyeDeleted(deleted.length))
    : context.err(context.texts.someNotRemoved, 'SYS/TEMP');
}

async function removeAll(context: SessionContext, indexes: Uint32Array): Promise<boolean> {
  try {
    return await context.maildrop.remove(indexes);
  } catch (error) {
    context.options.observe({ kind: 'failed', command: 'QUIT', error });
    return false;
  }
}
