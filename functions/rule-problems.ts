import type * as v from 'valibot';
import { covers, overlaps } from './core/job/patterns.ts';
import type { Policy, Rule } from './core/job/policy.ts';
import { under } from './core/job/rules.ts';
import type { RULE } from './runners-file.ts';
import { sizeProblems } from './size-problems.ts';

type RuleInFile = v.InferOutput<typeof RULE>;

/** `content` is the file as it was read: whether a key was given is not seen in a policy. */
export function groupProblems(content: unknown, { scope, runnerGroup }: Policy): string[] {
  if (typeof runnerGroup === 'number') return [];
  return [
    ...(Object.hasOwn(Object(content), 'runnerGroupId')
      ? ['runnerGroup and runnerGroupId name a group each: keep one of them']
      : []),
    ...groupOfRepository('', scope),
  ];
}

const groupOfRepository = (at: string, scope: Rule['scope']): string[] =>
  scope === 'repository'
    ? [`${at}runnerGroup: runners of scope repository are in no group: remove it, or set scope: organization`]
    : [];

/** What is wrong with `rules`, each with its key and the fix: one that serves no repository, or says nothing. */
export const ruleProblems = (rules: readonly RuleInFile[], policy: Policy): string[] =>
  rules.flatMap((rule, index) => {
    const own = policy.rules[index];
    if (own === undefined) return [];
    const at = `rules.${index}.`;
    return [
      ...(rule.runnerGroup === undefined ? [] : groupOfRepository(at, own.scope)),
      ...emptiness(at, rule),
      ...rule.repositories.flatMap((pattern, place) => {
        const problem = unreached(pattern, policy) ?? hidden(pattern, rules.slice(0, index));
        return problem === undefined ? [] : [`${at}repositories.${place}: ${pattern} ${problem}`];
      }),
      ...(rule.refuse === undefined ? sizeProblems(at, under(own, policy), namesIn(rule)) : []),
    ];
  });

const namesIn = ({ sizes = {} }: RuleInFile): string[] => Object.keys(sizes);

/** What a rule with `refuse` gives nobody. */
const OF_RUNNERS = ['defaults', 'sizes', 'limits', 'docker'] as const;

function emptiness(at: string, { repositories: _, ...rule }: RuleInFile): string[] {
  const saysNothing = Object.values(rule).every(
    (value) => typeof value === 'object' && Object.keys(value).length === 0,
  );
  if (saysNothing)
    return [`${at.slice(0, -1)} says nothing but repositories: add what is different for them, or remove it`];
  if (rule.refuse === undefined) return [];
  return OF_RUNNERS.filter((key) => rule[key] !== undefined).map(
    (key) =>
      `${at}${key} has no effect beside refuse, as these repositories get no runner: remove one of the two`,
  );
}

const unreached = (pattern: string, { allow }: Policy): string | undefined =>
  allow.repositories.some((allowed) => overlaps(allowed, pattern))
    ? undefined
    : 'is nothing that allow.repositories serves: add it there, or remove it here';

function hidden(pattern: string, earlier: readonly RuleInFile[]): string | undefined {
  for (const [index, { repositories }] of earlier.entries()) {
    const whole = repositories.find((other) => covers(other, pattern));
    if (whole !== undefined)
      return `never has an effect, as rules.${index} has ${whole}: put this rule before that one, or remove it`;
  }
  return undefined;
}
