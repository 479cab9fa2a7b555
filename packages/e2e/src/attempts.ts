/** Logins that may fail, through every door: what tests of faults compare. */
import type { Demo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';

/** What the client heard, and when. */
export interface LoginAnswer {
  readonly text: string;
  readonly tookMs: number;
}

/** A login over IMAP; the text is that of the tagged answer. */
export async function tryImap(demo: Demo, login: DemoLogin): Promise<LoginAnswer> {
  await using client = await demo.connect('imaps');
  const startedMs = performance.now();
  const { text } = await client.command(`LOGIN "${login.name}" "${login.password}"`);
  return { text, tookMs: performance.now() - startedMs };
}

/** A login over POP3; the text is the answer to PASS. */
export async function tryPop3(demo: Demo, login: DemoLogin): Promise<LoginAnswer> {
  await using client = await demo.connect('pop3s');
  const startedMs = performance.now();
  await client.sendLine(`USER ${login.name}`);
  await client.expectLine(/^\+OK/);
  await client.sendLine(`PASS ${login.password}`);
  return { text: await client.readLine(), tookMs: performance.now() - startedMs };
}

/** A login over submission; the text is the answer to AUTH. */
export async function trySubmission(demo: Demo, login: DemoLogin): Promise<LoginAnswer> {
  await using client = await demo.connect('submissions');
  const startedMs = performance.now();
  await client.sendLine('EHLO client.example');
  while (!(await client.readLine()).startsWith('250 '));
  const token = Buffer.from(`\0${login.name}\0${login.password}`).toString('base64');
  await client.sendLine(`AUTH PLAIN ${token}`);
  return { text: await client.readLine(), tookMs: performance.now() - startedMs };
}
