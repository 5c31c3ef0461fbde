import { WORLD_FAULTS, type WorldFault } from '../../model/faults.ts';

export const isFault = (name: string): name is WorldFault => WORLD_FAULTS.some((fault) => fault === name);

export interface Faults {
  /** True when the fault is to strike now: asked for with `next`, or by its rate. */
  strikes(name: WorldFault): boolean;
  /** Makes the next `count` opportunities of this fault strike. */
  next(name: WorldFault, count?: number): void;
  /** Sets the share of opportunities (0 to 1) at which a fault strikes by itself. */
  setRate(name: WorldFault, rate: number): void;
  rateOf(name: WorldFault): number;
  /** How often each fault has struck. */
  readonly struck: ReadonlyMap<WorldFault, number>;
}

/** Seeded, so that a scenario can be played again. `random` returns 0 (inclusive) to 1 (exclusive). */
export function createFaults(random: () => number = Math.random): Faults {
  const rates = new Map<WorldFault, number>();
  const pending = new Map<WorldFault, number>();
  const struck = new Map<WorldFault, number>();
  const decide = (name: WorldFault): boolean => {
    const left = pending.get(name) ?? 0;
    if (left > 0) pending.set(name, left - 1);
    const rate = rates.get(name) ?? 0;
    return left > 0 || (rate > 0 && random() < rate);
  };
  return {
    struck,
    strikes(name) {
      const hit = decide(name);
      if (hit) struck.set(name, (struck.get(name) ?? 0) + 1);
      return hit;
    },
    next: (name, count = 1) => void pending.set(name, (pending.get(name) ?? 0) + count),
    setRate: (name, rate) => void rates.set(name, rate),
    rateOf: (name) => rates.get(name) ?? 0,
  };
}
