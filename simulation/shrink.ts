import type { Fault } from './faults.ts';
import type { Options, Violation } from './options.ts';
import { type Result, simulate } from './simulate.ts';

/**
 * A smaller run that fails in the same way: faults switched off one by one, then fewer jobs. The same seed rolls other
 * dice after each change, so a few neighbouring job counts are tried before one is given up.
 */
export async function shrink(failed: Result): Promise<Result> {
  const kind = failed.violations[0]?.kind;
  if (kind === undefined) return failed;
  let smallest = failed;
  for (const fault of failed.options.faults) {
    const faults = new Set<Fault>(smallest.options.faults);
    faults.delete(fault);
    smallest = (await failsWith(kind, { ...smallest.options, faults })) ?? smallest;
  }
  for (const share of [0.1, 0.2, 0.4, 0.6, 0.8, 0.9]) {
    const { jobs } = smallest.options;
    const fewer = await failsWith(kind, { ...smallest.options, jobs: Math.max(1, Math.floor(jobs * share)) });
    if (fewer !== undefined) smallest = fewer;
  }
  return simulate({ ...smallest.options, keepsStory: true });
}

async function failsWith(kind: Violation, options: Options): Promise<Result | undefined> {
  const result = await simulate(options);
  return result.violations.some((violation) => violation.kind === kind) ? result : undefined;
}
