/** CAPA (RFC 2449 §5), LANG (RFC 6856 §3), NOOP and RSET (RFC 1939 §5), QUIT (RFC 1939 §6). */
import { listCapabilities } from '../../grammar/capabilities.ts';
import type { Pop3CommandOf } from '../../grammar/command.ts';
import { formatLines } from '../../grammar/response.ts';
import { answerLang } from '../../grammar/texts/answer-lang.ts';
import type { Outcome, SessionContext } from '../session-context.ts';

export function runCapa(context: SessionContext): Outcome {
  const { login, policy } = context.options;
  const lines = listCapabilities({ stls: false, ...login }, policy);
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
  context.finish('logged-out');
  const removed = await removeAll(context);
  // Before the answer: a client that comes back at once must not find the maildrop in use.
  context.maildrop.unlock();
  if (removed === undefined) return context.err(context.texts.someNotRemoved, 'SYS/TEMP');
  if (removed === 0) return context.ok(context.texts.goodbye);
  return context.ok(context.texts.goodbyeDeleted(removed));
}

/** @returns How many messages were removed; undefined if some were not that should be. */
async function removeAll(context: SessionContext): Promise<number | undefined> {
  try {
    const indexes = await listUnwanted(context);
    if (indexes.length === 0) return 0;
    const isComplete = await context.maildrop.remove(indexes);
    const messageCount = indexes.length;
    context.options.observe({ kind: 'removed', messageCount, isComplete });
    // RFC 1939 §6: whether some or none were removed is not the client's to know.
    return isComplete ? messageCount : undefined;
  } catch (error) {
    context.options.observe({ kind: 'failed', command: 'QUIT', error });
    return undefined;
  }
}

/**
 * What the client marked, and what the site does not keep (RFC 2449 §6.7). Days are counted from
 * a message's arrival in the inbox; a message that nobody has read stays however old it is.
 */
async function listUnwanted(context: SessionContext): Promise<Uint32Array> {
  const { view, maildrop, options } = context;
  const { expireDays } = options.policy;
  if (expireDays === 'never' || !maildrop.mayRemove) return view.listDeleted();
  if (expireDays === 0) return view.listDeletedOrRetrieved();
  return mergeAscending(view.listDeleted(), await maildrop.findExpired(expireDays));
}

function mergeAscending(one: Uint32Array, other: Uint32Array): Uint32Array {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one;
  return Uint32Array.from(new Set([...one, ...other])).sort();
}
