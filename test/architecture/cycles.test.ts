import { describe, expect, it } from 'vitest';
import { cyclesIn, importsOf, sourcesIn } from './sources.ts';

const imports = new Map(
  ['functions', 'cli', 'local', 'model'].flatMap(sourcesIn).map((file) => [file, importsOf(file)]),
);

describe('imports', () => {
  it('should not go round in a circle, nor for types alone', () => {
    expect(cyclesIn(imports)).toEqual([]);
  });

  it('should be seen to go round', () => {
    const circle = { a: ['b', 'c'], b: ['c'], c: ['d'], d: ['b'], e: ['a'] };
    expect(cyclesIn(new Map(Object.entries(circle)))).toEqual(['b > c > d > b']);
  });
});
