/**
 * Measures the index on this machine: `node packages/text-index/bench/index-bench.ts [folder]`.
 * The folder holds messages, one in each file; by default 10,000 are made up. Prints size and
 * time of building, and for some texts: candidates, how many of them are hits, and the time.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldForSearch } from '@homeward/mime';
import { sampleMailbox, sampleMessage } from '@homeward/samples';
import { GramMaker, TextIndexFile, type MessageTokens, type TextScope } from '../src/index.ts';
import { sourceOf, textsIn } from '../src/testing/plain-search.ts';

/** Messages in one transaction. */
const BATCH = 32;

function readFolder(folder: string): readonly Uint8Array[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
}

function makeUp(): readonly Uint8Array[] {
  const options = { ownerAddress: 'anna@example.test', ownerName: 'Anna', seed: 1, nowMs: 1.8e12 };
  const real = sampleMailbox(options).folders.flatMap(({ messages }) => messages);
  return Array.from({ length: 10_000 }, (_, at) =>
    at % 4 === 0
      ? (real[(at / 4) % real.length]?.octets ?? sampleMessage(at, 10_000))
      : sampleMessage(at, 10_000),
  );
}

function run<Value>(steps: Generator<undefined, Value>): Value {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

function print(...values: readonly string[]): void {
  process.stdout.write(`${values.join('  ')}\n`);
}

const source = process.argv[2];
const messages = source === undefined ? makeUp() : readFolder(source);
const mailBytes = messages.reduce((sum, { length }) => sum + length, 0);
const folder = mkdtempSync(join(tmpdir(), 'index-bench-'));
const path = join(folder, 'text.db');
const index = TextIndexFile.open(path, 'bench', 0);
const maker = new GramMaker();
let makingMs = 0;
const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
for (let from = 0; from < messages.length; from += BATCH) {
  const makingSince = performance.now();
  const entries: { messageId: number; tokens: MessageTokens }[] = [];
  for (const [at, octets] of messages.slice(from, from + BATCH).entries()) {
    entries.push({ messageId: from + at + 1, tokens: run(maker.make(sourceOf(octets))) });
  }
  makingMs += performance.now() - makingSince;
  index.add(entries, Math.min(from + BATCH, messages.length));
}
const tookMs = performance.now() - startedMs;
const cpu = process.cpuUsage(cpuBefore);
index.close();

const perMessage = (ms: number): string => `${((ms / messages.length) * 1000).toFixed(0)} µs`;
print(`${messages.length} messages`, `${(mailBytes / 1e6).toFixed(1)} MB`);
print(
  `index ${(statSync(path).size / 1e6).toFixed(1)} MB`,
  `${((100 * statSync(path).size) / mailBytes).toFixed(1)} % of the mail`,
);
print(
  `a message: ${perMessage(tookMs)}`,
  `of these grams ${perMessage(makingMs)}`,
  `CPU ${perMessage((cpu.user + cpu.system) / 1000)}`,
);

const opened = TextIndexFile.open(path, 'bench', messages.length);
const texts: readonly (readonly [TextScope, string])[] = [
  ['body', 'message'],
  ['body', 'information'],
  ['body', 'server must'],
  ['body', 'the server sends the response to the client'],
  ['body', 'xyzzy3'],
  ['body', 'kettle'],
  ['body', 'qqzzxyq'],
  ['body', '人间'],
  ['body', '大学'],
  ['subject', 'needle3'],
  ['from', 'adler'],
  ['text', 'information'],
];
for (const [scope, text] of texts) {
  const query = { scope, text: foldForSearch(text) };
  const since = performance.now();
  const found = opened.candidates(query);
  const firstMs = performance.now() - since;
  const again = performance.now();
  opened.candidates(query);
  const againMs = performance.now() - again;
  const hits = [...(found ?? [])].reduce((sum, id) => {
    const octets = messages[id - 1] ?? new Uint8Array();
    return sum + (textsIn(octets, scope).some((whole) => whole.includes(query.text)) ? 1 : 0);
  }, 0);
  print(
    `${scope} "${text}":`.padEnd(58),
    `${found?.length ?? 'all'} candidates, ${hits} hits`.padEnd(32),
    `${firstMs.toFixed(2)} ms, again ${againMs.toFixed(2)} ms`,
  );
}
opened.close();
rmSync(folder, { recursive: true });
