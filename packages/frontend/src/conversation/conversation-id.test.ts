import { expect, it } from 'vitest';
import { createConversationIds } from './conversation-id.ts';

it('createConversationIds() makes twelve characters that nobody misreads', () => {
  const ids = createConversationIds();
  for (let count = 0; count < 300; count += 1) {
    expect(ids.next()).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/u);
  }
});

it('createConversationIds() never gives an id twice, over many batches', () => {
  const ids = createConversationIds();
  const seen = new Set<string>();
  for (let count = 0; count < 2000; count += 1) seen.add(ids.next());
  expect(seen.size).toBe(2000);
});
