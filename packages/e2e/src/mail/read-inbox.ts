/** What lies in somebody's inbox, as text. */
import type { Demo } from '../demo/demo.ts';
import type { DemoLogin } from '../demo/env-file.ts';
import { waitUntil } from '../poll.ts';

/** All messages whole, oldest first; nothing is marked read. */
export async function readInbox(demo: Demo, user: DemoLogin): Promise<readonly string[]> {
  await using client = await demo.openImap(user);
  const { untagged } = await client.expectOk('EXAMINE INBOX');
  if (untagged.includes('* 0 EXISTS')) return [];
  const fetched = await client.expectOk('FETCH 1:* BODY.PEEK[]');
  return fetched.untagged.filter((line) => line.includes('FETCH'));
}

/** The first message that has this text, now or soon. @throws when there is none in time. */
export function awaitMessage(
  demo: Demo,
  user: DemoLogin,
  text: string,
  limitMs: number = 30_000,
): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    const messages = await readInbox(demo, user);
    return messages.find((message) => message.includes(text));
  };
  return waitUntil(`"${text}" in the inbox of ${user.name}`, look, limitMs);
}
