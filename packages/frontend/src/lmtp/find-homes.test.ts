import { expect, it } from 'vitest';
import { HomeFinder, type HomeFinderParts } from './find-homes.ts';

const away = { kind: 'unavailable' } as const;

it('HomeFinder says that the directory is away, as a back end does (RFC 3463 §3.5)', async () => {
  const parts = {
    addresses: { resolveRecipient: async () => away, expandGroup: async () => away },
    view: {
      getSite: async () => away,
      rereadSite: async () => away,
      rereadAccount: async () => away,
    },
  } as HomeFinderParts;
  const answer = await new HomeFinder(parts).find('anna@example.test');
  expect(answer).toMatchObject({ code: 451, enhanced: '4.4.3' });
});
