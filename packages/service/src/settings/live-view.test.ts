import { expect, it } from 'vitest';
import { liveView } from './live-view.ts';

it('liveView() shows what is in force at each use, and a copy what was', () => {
  let values = { limitBytes: 1, isOn: false };
  const view = liveView(() => values);
  const copy = { ...view };
  values = { limitBytes: 2, isOn: true };
  expect({ limitBytes: view.limitBytes, isOn: view.isOn }).toEqual({ limitBytes: 2, isOn: true });
  expect(copy).toEqual({ limitBytes: 1, isOn: false });
});
