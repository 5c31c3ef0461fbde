import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { aliasProblems } from './alias-problems.ts';
import { problemsOf } from './config-problems.ts';
import type { Policy, Rule, Terms } from './core/job/policy.ts';
import { widestTerms } from './core/job/rules.ts';
import { ConfigurationError } from './core/words/errors.ts';
import { groupProblems, ruleProblems } from './rule-problems.ts';
import { type NAMED_SIZE, type RULE, RUNNERS_FILE } from './runners-file.ts';
import { sizeProblems } from './size-problems.ts';

/**
 * Reads `runners.yml`. Throws ConfigurationError with every problem at once, each with its key and the fix; an unknown
 * key is a problem too, because such a setting would silently do nothing.
 */
export function parseRunnersConfig(yaml: string): Policy {
  const document = parseDocument(yaml, { prettyErrors: true });
  if (document.errors.length > 0) fail(document.errors.map((error) => error.message));
  const content = document.toJS() ?? {};
  const result = v.safeParse(RUNNERS_FILE, content);
  if (!result.success) fail(problemsOf(RUNNERS_FILE, content, result.issues));
  const policy = toPolicy(result.output);
  const problems = [
    ...groupProblems(content, policy),
    ...sizeProblems('', policy),
    ...aliasProblems(policy),
    ...spotProblems(policy),
    ...ruleProblems(result.output.rules, policy),
  ];
  if (problems.length > 0) fail(problems);
  return policy;
}

function fail(problems: readonly string[]): never {
  throw new ConfigurationError('runners.yml', problems);
}

function toPolicy(file: v.InferOutput<typeof RUNNERS_FILE>): Policy {
  const { labelPrefix, aliases, rejections, allow, spot, timeouts } = file;
  const { runners, runnersPerRepository, cpu, cpuPerRepository } = file.concurrency;
  const terms = termsOf(file);
  return {
    ...terms,
    labelPrefix,
    rules: file.rules.map((rule) => toRule(rule, terms)),
    concurrency: { runners, runnersPerRepository, vcpu: cpu, vcpuPerRepository: cpuPerRepository },
    aliases,
    rejections,
    allow,
    spot,
    timeouts,
  };
}

/** The file's own keys: the terms of a repository that no rule has. */
function termsOf({ docker, ...file }: v.InferOutput<typeof RUNNERS_FILE>): Terms {
  const { cpu: vcpu, memory: memoryGiB, arm64 } = docker.limits;
  return {
    scope: file.scope,
    runnerGroup: file.runnerGroup ?? file.runnerGroupId,
    defaults: { ...inUnits(file.defaults), docker: false },
    sizes: namedSizes(file.sizes),
    limits: inUnits(file.limits),
    docker: { repositories: docker.repositories, limits: { vcpu, memoryGiB, arm64 } },
  };
}

/** A rule with what it leaves out: key by key in `defaults` and `limits`, name by name in `sizes`. */
function toRule(rule: v.InferOutput<typeof RULE>, terms: Terms): Rule {
  const { repositories, scope = terms.scope, runnerGroup = terms.runnerGroup, refuse } = rule;
  const open = { true: [...repositories, ...terms.docker.repositories], false: [] };
  return {
    repositories,
    scope,
    runnerGroup,
    defaults: { ...terms.defaults, ...given(inUnits({ ...NONE, ...rule.defaults })) },
    sizes: { ...terms.sizes, ...namedSizes(rule.sizes ?? {}) },
    limits: { ...terms.limits, ...given(inUnits({ ...NONE, ...rule.limits })) },
    docker:
      rule.docker === undefined ? terms.docker : { ...terms.docker, repositories: open[`${rule.docker}`] },
    ...(refuse !== undefined && { refuse }),
  };
}

const NONE = { cpu: undefined, memory: undefined, storage: undefined };

/** The file says `cpu`, `memory`, `storage`; the code says their units. */
function inUnits<Value, Rest extends object>(size: InFile<Value> & Rest) {
  const { cpu: vcpu, memory: memoryGiB, storage: storageGiB, ...rest } = size;
  return { vcpu, memoryGiB, storageGiB, ...rest };
}

interface InFile<Value> {
  readonly cpu: Value;
  readonly memory: Value;
  readonly storage: Value;
}

/** What has a value. */
const given = <Size extends object>(size: Size): Given<Size> =>
  Object.fromEntries(Object.entries(size).filter(([, value]) => value !== undefined)) as Given<Size>;

type Given<Size> = { readonly [Key in keyof Size]?: Exclude<Size[Key], undefined> };

const namedSizes = (sizes: Readonly<Record<string, v.InferOutput<typeof NAMED_SIZE>>>): Terms['sizes'] =>
  Object.fromEntries(
    Object.entries(sizes).map(([name, { cpu, memory, storage, ...rest }]) => [
      name,
      given(inUnits({ cpu, memory, storage, ...rest })),
    ]),
  );

/** What would silently do nothing. */
function spotProblems(policy: Policy): string[] {
  const { spot } = policy;
  if (spot.rerun === 'never' && spot.environments.length > 0)
    return ['spot.environments: no run is started again; set spot.rerun: once, or leave it out'];
  if (spot.rerun === 'once' && !widestTerms(policy).limits.spot)
    return ['spot.rerun: no job runs on Spot; set limits.spot: true, or leave it out'];
  return [];
}
