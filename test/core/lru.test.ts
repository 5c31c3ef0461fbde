import { describe, expect, it } from 'vitest';
import { createLru } from '../../functions/kit/lru.ts';

describe('a map that forgets', () => {
  it('should forget what was used least recently, reading being a use', () => {
    const lru = createLru<string, number>(2);
    lru.set('a', 1);
    lru.set('b', 2);
    lru.get('a');
    lru.set('c', 3);
    expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3]);
  });

  it('should weigh what it holds, and weigh what was replaced or deleted no more', () => {
    const lru = createLru<string, number>(10, (value) => value);
    lru.set('a', 6);
    lru.set('a', 3);
    lru.set('b', 6);
    lru.delete('b');
    lru.set('c', 7);
    expect(lru.values()).toEqual([3, 7]);
    lru.set('d', 11);
    expect(lru.values()).toEqual([]);
  });
});
