/**
 * Dialogues as text: what each client says and what it must be answered. One transcript runs
 * against every kind of server, from a session in memory to a real one on the network, which
 * proves that our expectation is the world's.
 *
 * A line each, the number tells the connection (opened when first named):
 *
 *     # a comment
 *     C1: a1 SELECT INBOX          sent with CRLF; `$(name)` inserts what was captured
 *     S1: * 3 EXISTS               the next line must be exactly this
 *     S1: * OK [UIDNEXT {{next=\d+}}] {{.*}}   a regular expression, here one that captures
 *     U1: * 3 EXISTS               neighbouring U lines are expected in any order
 *     S1~ a1 OK {{.*}}             the next line that matches; untagged ones before it may pass
 */

/** One connection of a transcript; lines are Latin-1 text without CRLF. */
export interface TranscriptConnection {
  send(text: string): Promise<void> | void;
  /** The next line; rejects when none comes. */
  readLine(): Promise<string>;
}

/** A kind of server that transcripts can run against. */
export interface TranscriptTarget {
  /** Opens a logged-in connection; the target closes it when the transcript is over. */
  connect(): Promise<TranscriptConnection>;
}

/** One step as parsed. */
interface Step {
  readonly kind: 'send' | 'expect' | 'unordered' | 'skip-to';
  readonly connection: string;
  readonly text: string;
  readonly line: number;
}

/** Runs a transcript; throws with its name and line where the server deviates. */
export async function runTranscript(
  name: string,
  text: string,
  target: TranscriptTarget,
): Promise<void> {
  const connections = new Map<string, TranscriptConnection>();
  const captures = new Map<string, string>();
  const connectionOf = async (id: string): Promise<TranscriptConnection> => {
    const known = connections.get(id) ?? (await target.connect());
    connections.set(id, known);
    return known;
  };
  for (const block of groupSteps(parseTranscript(name, text))) {
    const [first] = block;
    if (first === undefined) continue;
    const connection = await connectionOf(first.connection);
    const where = `${name}:${first.line}`;
    if (first.kind === 'send') await connection.send(`${insert(first.text, captures)}\r\n`);
    else if (first.kind === 'skip-to') await skipTo(connection, first.text, captures, where);
    else await expectAll(connection, block, captures, name);
  }
}

/** @throws if a line is none of the kinds above. */
function parseTranscript(name: string, text: string): readonly Step[] {
  const kinds: Readonly<Record<string, Step['kind']>> = {
    'C:': 'send',
    'S:': 'expect',
    'U:': 'unordered',
    'S~': 'skip-to',
  };
  return text.split('\n').flatMap((raw, index) => {
    if (raw.trim() === '' || raw.startsWith('#')) return [];
    const found = /^([CSU])(\d)([:~]) ?(.*)$/.exec(raw);
    const kind = found === null ? undefined : kinds[`${found[1]}${found[3]}`];
    if (found === null || kind === undefined) {
      throw new Error(`${name}:${index + 1}: not a transcript line: ${raw}`);
    }
    return [{ kind, connection: found[2] ?? '', text: found[4] ?? '', line: index + 1 }];
  });
}

/** Neighbouring unordered steps of one connection belong together. */
function groupSteps(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    const previous = last?.[0];
    const joins =
      step.kind === 'unordered' &&
      previous?.kind === 'unordered' &&
      previous.connection === step.connection;
    if (joins) last?.push(step);
    else groups.push([step]);
  }
  return groups;
}

async function expectAll(
  connection: TranscriptConnection,
  block: readonly Step[],
  captures: Map<string, string>,
  name: string,
): Promise<void> {
  const open = [...block];
  while (open.length > 0) {
    const line = await readLine(connection, `${name}:${open[0]?.line}`, open[0]?.text ?? '');
    const at = open.findIndex((step) => matches(step.text, line, captures));
    if (at < 0) {
      const wanted = open.map((step) => `  ${step.text}`).join('\n');
      throw new Error(`${name}:${open[0]?.line}: expected\n${wanted}\nbut got\n  ${line}`);
    }
    open.splice(at, 1);
  }
}

async function skipTo(
  connection: TranscriptConnection,
  pattern: string,
  captures: Map<string, string>,
  where: string,
): Promise<void> {
  for (;;) {
    const line = await readLine(connection, where, pattern);
    if (matches(pattern, line, captures)) return;
    if (/^[^ *+][^ ]* (OK|NO|BAD) /.test(line)) {
      throw new Error(`${where}: expected\n  ${pattern}\nbut got\n  ${line}`);
    }
  }
}

async function readLine(
  connection: TranscriptConnection,
  where: string,
  wanted: string,
): Promise<string> {
  try {
    return await connection.readLine();
  } catch (error) {
    throw new Error(`${where}: no line came while expecting\n  ${wanted}`, { cause: error });
  }
}

function insert(text: string, captures: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\((\w+)\)/g, (_, name: string) => {
    const value = captures.get(name);
    if (value === undefined) throw new Error(`nothing was captured as ${name}`);
    return value;
  });
}

/** Compares, and keeps captures if the line matches. */
function matches(pattern: string, line: string, captures: Map<string, string>): boolean {
  const source = insert(pattern, captures)
    .split(/(\{\{.*?\}\})/)
    .map((piece) => {
      const found = /^\{\{(?:(\w+)=)?(.*)\}\}$/.exec(piece);
      if (found === null) return piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      return found[1] === undefined ? `(?:${found[2]})` : `(?<${found[1]}>${found[2]})`;
    })
    .join('');
  const found = new RegExp(`^${source}$`).exec(line);
  for (const [name, value] of Object.entries(found?.groups ?? {})) captures.set(name, value);
  return found !== null;
}
