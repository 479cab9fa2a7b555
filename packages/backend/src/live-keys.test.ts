/** Every key of the configuration is live, or says why it is not. */
import { describeConfig } from '@homeward/service';
import { expect, it } from 'vitest';
import { backEndConfigSchema } from './config.ts';
import { BACK_END_SETTING_FORMS } from './settings.ts';

const keys = describeConfig(backEndConfigSchema);
const live = new Set(
  Object.entries(BACK_END_SETTING_FORMS).flatMap(([section, form]) =>
    describeConfig(form).map(({ key }) => `${section}.${key}`),
  ),
);
/** A section that holds keys of both kinds says nothing of itself. */
const isSection = (key: string): boolean => keys.some((other) => other.key.startsWith(`${key}.`));

it.each(
  keys.filter(({ key }) => !isSection(key)).map(({ key, ...applies }) => [key, applies] as const),
)('%s is live, read again with its file, or needs a restart and says why', (key, applies) => {
  const { restart, isReread } = applies;
  // Keys inside lists and maps are set with the whole.
  const whole = key.replace(/(?:\[\]|\.\*).*$/, '');
  expect([live.has(whole), isReread, restart !== undefined].filter(Boolean)).toHaveLength(1);
});
