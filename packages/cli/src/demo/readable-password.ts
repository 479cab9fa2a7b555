/** Passwords that can be typed from a screen: four words and two digits, about 30 bits. */

const WORDS =
  'amber apple autumn badger basil birch blanket boat bread bridge button cabin candle canyon cedar ' +
  'cherry cloud clover comet copper coral cotton crane daisy delta ember falcon feather fern fiddle ' +
  'garden ginger glacier hammer harbor hazel heron honey island ivory jacket jasmine juniper kettle ' +
  'ladder lantern lemon lily linen lobster maple marble meadow mint mirror nectar oak olive orchid ' +
  'otter paper pepper pine';

const words: readonly string[] = WORDS.split(' ');

/** @param randomInt Gives an unpredictable whole number from 0 up to the limit, without it. */
export function createReadablePassword(randomInt: (limit: number) => number): string {
  const chosen = Array.from({ length: 4 }, () => words[randomInt(words.length)] ?? '');
  return `${chosen.join('-')}-${10 + randomInt(90)}`;
}
