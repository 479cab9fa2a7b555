import { expect, test } from 'vitest';
import { guessDomain } from './next-steps.ts';

test.each([
  ['mail.example.org', 'example.org'],
  ['imap2.example.co.uk', 'example.co.uk'],
  ['pop.example.org', 'example.org'],
  // Nobody's mail but the registry's is at co.uk.
  ['example.co.uk', 'example.co.uk'],
  ['mail.example', 'mail.example'],
  ['homes.example.org', 'homes.example.org'],
  ['localhost', 'localhost'],
])('guessDomain() takes %s to be of %s', (hostname, domain) => {
  expect(guessDomain(hostname)).toBe(domain);
});
