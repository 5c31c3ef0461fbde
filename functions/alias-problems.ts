import { COMMON_LABELS, hasOurPrefix, readLabels } from './core/job/labels.ts';
import type { Policy } from './core/job/policy.ts';
import { under } from './core/job/rules.ts';
import { explain } from './core/words/reasons.ts';

/** Labels of GitHub's own runners (docs.github.com, GitHub-hosted runners reference); those of larger runners are the owner's. */
const HOSTED = /^(ubuntu|windows|macos)-(latest|slim|\d+(\.\d+)?)(-(arm|intel|large|xlarge))?$/;

/** What is wrong with `aliases`, each with its key and the fix: an alias that no job can use, or that every job would. */
export const aliasProblems = (policy: Policy): string[] =>
  Object.entries(policy.aliases).flatMap(([alias, label]) => {
    const problem = problemOf(alias, policy) ?? problemForAll(label, policy);
    return problem === undefined ? [] : [`aliases.${alias}: ${problem}`];
  });

function problemOf(alias: string, policy: Policy): string | undefined {
  if (hasOurPrefix(alias, policy))
    return `it begins with ${policy.labelPrefix}; name a size under sizes instead`;
  if (Object.hasOwn(COMMON_LABELS, alias))
    return 'every self-hosted runner may have it; choose another label';
  if (HOSTED.test(alias))
    return 'GitHub’s own runners have it and would take the job, while a task waits here; choose another label';
  return undefined;
}

/** A rule may have the size that the file itself has not. */
function problemForAll(label: string, policy: Policy): string | undefined {
  const all = [policy, ...policy.rules.map((rule) => under(rule, policy))];
  const problems = all.map((one) => problemOfMeaning(label, { ...one, aliases: {} }));
  return problems.includes(undefined) ? undefined : problems[0];
}

function problemOfMeaning(label: string, policy: Policy): string | undefined {
  if (!hasOurPrefix(label, policy))
    return `${label} does not begin with ${policy.labelPrefix}; write ${policy.labelPrefix}/cpu=2 or so`;
  const reading = readLabels([label], policy);
  return reading.kind === 'ours' ? undefined : explain(reading.reason, reading.detail);
}
