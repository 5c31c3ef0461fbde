import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContextValue } from '../../local/github/service/definition.ts';
import { expandMatrix } from '../../local/workflows/matrix.ts';

const values = (matrix: ContextValue) => expandMatrix(matrix).map((one) => one.matrix);

describe('a matrix', () => {
  it('should be the product of its lists, the first of them slowest', () => {
    expect(values({ version: [10, 12], os: ['u', 'w'] })).toEqual([
      { version: 10, os: 'u' },
      { version: 10, os: 'w' },
      { version: 12, os: 'u' },
      { version: 12, os: 'w' },
    ]);
  });

  // docs.github.com, Running variations of jobs in a workflow, Expanding or adding matrix configurations.
  it('should take includes as GitHub’s own example does', () => {
    const include = [
      { color: 'green' },
      { color: 'pink', animal: 'cat' },
      { fruit: 'apple', shape: 'circle' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ];
    expect(values({ fruit: ['apple', 'pear'], animal: ['cat', 'dog'], include })).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ]);
  });

  it('should leave out what partly fits an exclude, nested values and texts in any case too', () => {
    const matrix = { os: ['Linux', 'mac'], v: [{ n: 1 }, { n: 2 }], env: ['p', 's'] };
    const exclude = [{ os: 'linux', v: { n: 1 } }, { env: 's' }];
    expect(values({ ...matrix, exclude })).toEqual([
      { os: 'Linux', v: { n: 2 }, env: 'p' },
      { os: 'mac', v: { n: 1 }, env: 'p' },
      { os: 'mac', v: { n: 2 }, env: 'p' },
    ]);
  });

  it('should give back by include what exclude took', () => {
    expect(values({ a: [1, 2], exclude: [{ a: 1 }], include: [{ a: 1, b: 2 }] })).toEqual([
      { a: 2 },
      { a: 1, b: 2 },
    ]);
  });

  it('should be of includes alone, and may be empty where everything is excluded', () => {
    expect(values({ include: [{ site: 'a' }, { site: 'b' }] })).toEqual([{ site: 'a' }, { site: 'b' }]);
    expect(values({ a: [1], exclude: [{ a: 1 }] })).toEqual([]);
  });

  it('should name jobs by their own values, not by those that an include adds', () => {
    const matrix = {
      os: ['u'],
      v: [{ n: 1.5, x: ['', true] }],
      include: [
        { os: 'u', more: 1 },
        { os: 'm', more: 2 },
      ],
    };
    expect(expandMatrix(matrix).map(({ segments }) => segments)).toEqual([
      ['u', '1.5', 'true'],
      ['m', '2'],
    ]);
  });

  it.each([
    [{}, 'Matrix must define at least one vector'],
    [{ include: [] }, 'Matrix must define at least one vector'],
    [{ a: [] }, "Matrix vector 'a' does not contain any values"],
    [{ a: 'x' }, 'A sequence was expected for a'],
    [{ a: [1], exclude: [{ b: 1 }] }, "Matrix exclude key 'b' does not match any key within the matrix"],
    [{ a: [1], exclude: [{}] }, 'Matrix exclude filter must not be empty'],
    [{ a: [1], include: [{}] }, 'Matrix include mapping does not contain any values'],
    [{ a: [1], include: ['x'] }, 'A mapping was expected for an item of include'],
    [[], 'A mapping was expected for matrix'],
    [{ a: Array.from({ length: 257 }, (_, n) => n) }, 'Matrix has 257 jobs, more than 256'],
    [
      Object.fromEntries(
        ['a', 'b', 'c', 'd'].map((name) => [name, Array.from({ length: 1000 }, (_, n) => n)]),
      ),
      'Matrix has 1000000000000 combinations, more than 256',
    ],
  ])('should be refused: %j', (matrix: ContextValue, reason) => {
    expect(() => expandMatrix(matrix)).toThrow(reason);
  });
});

describe('any matrix', () => {
  const value = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('a', 'b', 'c'));
  const vectors = fc.dictionary(
    fc.constantFrom('x', 'y', 'z'),
    fc.uniqueArray(value, { minLength: 1, maxLength: 4 }),
    {
      minKeys: 1,
    },
  );
  const filters = (keys: readonly string[]) =>
    fc.array(fc.dictionary(fc.constantFrom(...keys), value, { minKeys: 1 }), { maxLength: 4 });
  const matrices = vectors.chain((lists) =>
    fc.record({
      lists: fc.constant(lists),
      exclude: filters(Object.keys(lists)),
      include: filters([...Object.keys(lists), 'more', 'other']),
    }),
  );
  type Flat = Readonly<Record<string, ContextValue>>;
  const holds = (filter: Flat, one: Flat) =>
    Object.entries(filter).every(([key, wanted]) => one[key] === wanted);
  const own = (lists: Flat, one: Flat) =>
    Object.fromEntries(Object.keys(lists).map((key) => [key, one[key] ?? null]));
  const key = (one: Flat) => JSON.stringify(one);

  it('should have each combination once, less the excluded ones, and each include somewhere', () => {
    fc.assert(
      fc.property(matrices, ({ lists, exclude, include }) => {
        const all = values({ ...lists, exclude, include });
        const size = Object.values(lists).reduce((product, list) => product * list.length, 1);
        const whole = values({ ...lists });
        expect(new Set(whole.map(key)).size).toBe(size);
        const kept = whole.filter((one) => !exclude.some((filter) => holds(filter, one)));
        // The product comes first, with its own values as they were.
        expect(all.slice(0, kept.length).map((one) => own(lists, one))).toEqual(kept);
        const alone = include.filter((item) => {
          const filter = Object.fromEntries(Object.entries(item).filter(([name]) => name in lists));
          return !kept.some((one) => holds(filter, one));
        });
        expect(all.slice(kept.length)).toEqual(alone);
        for (const one of all.slice(0, kept.length))
          for (const name of Object.keys(one))
            if (!(name in lists)) expect(include.some((item) => item[name] === one[name])).toBe(true);
      }),
    );
  });
});
