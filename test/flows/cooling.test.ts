import { describe, expect, it } from 'vitest';
import type { LaunchOutcome } from '../../functions/core/words/outcomes.ts';
import { createCooling } from '../../functions/webhook/cooling.ts';

const NOW_MS = 1_000_000;
const refused = (retryAfterSeconds?: number): LaunchOutcome => ({
  ...{ kind: 'refused', refusal: 'secondary-limit', detail: 'wait', step: 'jit-config', runnerName: 'r' },
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

describe('a process that was asked to wait', () => {
  it('should leave the owner alone for as long as was asked, and no other owner', () => {
    const cooling = createCooling();
    cooling.note('acme', refused(60), NOW_MS);
    expect([59_999, 60_000].map((ms) => cooling.isCooling('acme', NOW_MS + ms))).toEqual([true, false]);
    expect(cooling.isCooling('widgets', NOW_MS)).toBe(false);
  });

  it('should not wait less where a later answer asks for less', () => {
    const cooling = createCooling();
    cooling.note('acme', refused(60), NOW_MS);
    cooling.note('acme', refused(10), NOW_MS);
    expect(cooling.isCooling('acme', NOW_MS + 59_999)).toBe(true);
  });

  it('should wait for no refusal that asks for nothing, nor for other outcomes', () => {
    const cooling = createCooling();
    cooling.note('acme', refused(), NOW_MS);
    cooling.note('acme', { kind: 'taken', runnerName: 'r', step: 'run-task' }, NOW_MS);
    expect(cooling.isCooling('acme', NOW_MS)).toBe(false);
  });

  it('should not keep owners without bound', () => {
    const cooling = createCooling();
    for (let index = 0; index <= 1_000; index++) cooling.note(`owner-${index}`, refused(60), NOW_MS);
    expect(cooling.isCooling('owner-1000', NOW_MS)).toBe(true);
    expect(cooling.isCooling('owner-0', NOW_MS)).toBe(false);
  });
});
