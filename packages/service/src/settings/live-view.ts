/** An object that always shows the present values, for parts that take theirs once. */

/**
 * @param read Gives the values in force, always with the same keys.
 * @returns Has the same keys; each is read anew at each use. Copying it (`{...view}`) freezes it.
 */
export function liveView<Values extends object>(read: () => Values): Values {
  const keys = Object.keys(read()) as (keyof Values & string)[];
  const properties = keys.map(
    (key) => [key, { enumerable: true, get: () => read()[key] }] as const,
  );
  return Object.defineProperties({}, Object.fromEntries(properties)) as Values;
}
