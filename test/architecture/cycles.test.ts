import { describe, expect, it } from 'vitest';
import { cyclesIn, importsOf, sourcesIn } from './sources.ts';

/** Imports that close a circle and are still to go: a file, and what it should not import. */
const CLOSING = new Set([
  'functions/core/plan/judge-launch.ts > functions/core/plan/plan-reconcile.ts',
  'functions/core/plan/launch-pause.ts > functions/core/plan/plan-reconcile.ts',
  'functions/core/plan/supply.ts > functions/core/plan/plan-reconcile.ts',
  'functions/webhook/launching.ts > functions/webhook/answer.ts',
]);

const imports = new Map(
  ['functions', 'cli', 'local', 'model'].flatMap(sourcesIn).map((file) => [file, importsOf(file)]),
);
const without = (closing: ReadonlySet<string>) =>
  new Map(
    [...imports].map(([file, names]) => [file, names.filter((name) => !closing.has(`${file} > ${name}`))]),
  );

describe('imports', () => {
  it('should not go round in a circle, nor for types alone', () => {
    expect(cyclesIn(without(CLOSING))).toEqual([]);
  });

  it.each([...CLOSING])('should be excused only while it closes a circle: %s', (edge) => {
    expect(cyclesIn(without(new Set([...CLOSING].filter((one) => one !== edge))))).not.toEqual([]);
  });

  it('should be seen to go round', () => {
    const circle = { a: ['b', 'c'], b: ['c'], c: ['d'], d: ['b'], e: ['a'] };
    expect(cyclesIn(new Map(Object.entries(circle)))).toEqual(['b > c > d > b']);
  });
});
