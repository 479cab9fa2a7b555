/**
 * Test-PopConnectivity's steps: log in, look at the maildrop, find the test message that an IMAP
 * probe has left (`--leave-message`) and delete it. POP3 itself cannot bring one.
 */
import { HopFailure } from './hop-watch.ts';
import type { ProbeCourse } from './probe-course.ts';
import type { ProbeLink } from './probe-link.ts';
import { findProbeId } from './test-message.ts';

/** So many of the newest messages are looked into. */
const LOOK_AT = 50;

/** Throws `HopFailure` at the first step that fails. The caller closes the link. */
export async function probePop3(link: ProbeLink, course: ProbeCourse): Promise<void> {
  const { watch, connectionType, isLight } = course;
  await watch.measure('greeting', () => expectOk(link, 'greeting'));
  if (connectionType === 'tls') {
    await watch.measure(
      'starttls',
      async () => {
        await run(link, 'STLS');
        return link.startTls();
      },
      (tls) => tls,
    );
  }
  await watch.measure('login', async () => {
    await run(link, `USER ${utf8(course.login)}`, 'USER');
    await run(link, `PASS ${utf8(course.password)}`, 'PASS');
  });
  if (!isLight) await findAndDelete(link, course);
  await watch.measure('logout', () => run(link, 'QUIT'));
}

async function findAndDelete(link: ProbeLink, { watch }: ProbeCourse): Promise<void> {
  const found = await watch.measure(
    'find',
    () => findTestMessages(link),
    (numbers) => (numbers.length === 0 ? 'no test message there' : `${numbers.length} there`),
  );
  if (found.length === 0) {
    watch.skip('delete', 'an IMAP probe leaves a message with --leave-message');
    return;
  }
  await watch.measure('delete', async () => {
    for (const number of found) await run(link, `DELE ${number}`);
  });
}

/** Numbers of the messages that probes have left, among the newest. */
async function findTestMessages(link: ProbeLink): Promise<readonly number[]> {
  const stat = await run(link, 'STAT');
  const count = Number(/^\d+/.exec(stat)?.[0] ?? 0);
  const found: number[] = [];
  for (let number = count; number > Math.max(0, count - LOOK_AT); number -= 1) {
    await run(link, `TOP ${number} 0`);
    if (findProbeId(await readLines(link)) !== undefined) found.push(number);
  }
  return found;
}

async function readLines(link: ProbeLink): Promise<string> {
  const lines: string[] = [];
  for (;;) {
    const line = await link.readLine();
    if (line === '.') return lines.join('\n');
    lines.push(line.startsWith('.') ? line.slice(1) : line);
  }
}

/** @param name For errors: a command may hold a secret. @returns What follows +OK. */
async function run(link: ProbeLink, command: string, name: string = command): Promise<string> {
  link.send(command);
  return expectOk(link, name);
}

async function expectOk(link: ProbeLink, name: string): Promise<string> {
  const line = await link.readLine();
  if (line.startsWith('+OK')) return line.slice('+OK '.length);
  throw new HopFailure(`${name}: ${line}`);
}

/** Octets of UTF-8 in a string that is sent as Latin-1 (RFC 6856 §2.2). */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
