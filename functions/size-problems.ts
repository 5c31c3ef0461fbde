import { isFlag } from './core/job/labels.ts';
import { excessOf } from './core/job/limits.ts';
import type { Policy } from './core/job/policy.ts';
import { providerFor } from './core/job/providers.ts';
import { serve } from './core/job/serve.ts';
import { roundUpSize } from './core/job/sizes.ts';
import { explain } from './core/words/reasons.ts';

/**
 * A named size that no job can get is a mistake in the file, found here before a job finds it. `at` is where the sizes are:
 * '' for the file itself, `rules.0.` for a rule, whose `policy` is the rule's; `names` are those that are given there.
 */
export function sizeProblems(at: string, policy: Policy, names = Object.keys(policy.sizes)): string[] {
  const named = names.map((name): Named => [`${at}sizes.${name}`, policy.sizes[name] ?? {}]);
  const defaults: Named = [`${at}defaults`, {}];
  return [
    ...names.flatMap((name) =>
      isFlag(name) ? [`${at}sizes.${name}: ${name} is an option of a label; choose another name`] : [],
    ),
    ...[defaults, ...named].flatMap(([key, changes]) =>
      (changes.docker ? dockerProblem : fargateProblem)(key, changes, policy),
    ),
  ];
}

type Named = readonly [key: string, changes: Policy['sizes'][string]];
type Problem = (key: string, changes: Policy['sizes'][string], policy: Policy) => string[];

const fargateProblem: Problem = (key, changes, policy) => {
  const size = { ...policy.defaults, ...changes };
  const given = roundUpSize(size);
  if (given === undefined) return [`${key} is larger than any Fargate size`];
  return overLimit(key, excessOf({ ...size, ...given, provider: providerFor(size) }, policy));
};

const dockerProblem: Problem = (key, changes, policy) => {
  const reading = serve(changes, policy);
  return reading.kind === 'ours' ? [] : [`${key}: ${explain(reading.reason, reading.detail)}`];
};

const overLimit = (key: string, excess: ReturnType<typeof excessOf>): string[] =>
  excess ? [`${key} is over ${excess.key}: raise the limit or lower the size`] : [];
