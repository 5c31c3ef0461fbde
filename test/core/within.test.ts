import { describe, expect, it } from 'vitest';
import { mapWithin } from '../../functions/kit/within.ts';

describe('mapping within a bound', () => {
  it('should have no more calls open than that, and keep the order', async () => {
    let [open, most] = [0, 0];
    const doubled = await mapWithin(3, [5, 1, 4, 2, 3], async (item) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, item));
      open--;
      return item * 2;
    });
    expect(doubled).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(3);
  });

  it('should be done with nothing at once, and fail with the first that fails', async () => {
    expect(await mapWithin(3, [], async () => 1)).toEqual([]);
    const failing = mapWithin(2, [1, 2, 3], (item) => Promise.reject(new Error(`item ${item}`)));
    await expect(failing).rejects.toThrow('item 1');
  });
});
