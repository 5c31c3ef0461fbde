import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { aliasProblems } from './alias-problems.ts';
import { problemsOf } from './config-problems.ts';
import { isFlag } from './core/job/labels.ts';
import { excessOf } from './core/job/limits.ts';
import type { Policy } from './core/job/policy.ts';
import { providerFor } from './core/job/providers.ts';
import { serve } from './core/job/serve.ts';
import { roundUpSize } from './core/job/sizes.ts';
import { ConfigurationError } from './core/words/errors.ts';
import { explain } from './core/words/reasons.ts';
import { type NAMED_SIZE, RUNNERS_FILE } from './runners-file.ts';

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
  const problems = [...sizeProblems(policy), ...aliasProblems(policy)];
  if (problems.length > 0) fail(problems);
  return policy;
}

function fail(problems: readonly string[]): never {
  throw new ConfigurationError('runners.yml', problems);
}

function toPolicy(file: v.InferOutput<typeof RUNNERS_FILE>): Policy {
  const { labelPrefix, scope, runnerGroupId, aliases, rejections, allow, docker, timeouts } = file;
  const { cpu: dockerVcpu, memory: memoryGiB, arm64 } = docker.limits;
  const { runners, runnersPerRepository, cpu, cpuPerRepository } = file.concurrency;
  const sizes = Object.entries(file.sizes).map(([name, size]) => [name, namedSize(size)] as const);
  return {
    labelPrefix,
    scope,
    runnerGroupId,
    defaults: { ...inUnits(file.defaults), docker: false },
    sizes: Object.fromEntries(sizes),
    limits: inUnits(file.limits),
    concurrency: { runners, runnersPerRepository, vcpu: cpu, vcpuPerRepository: cpuPerRepository },
    aliases,
    rejections,
    allow,
    docker: { repositories: docker.repositories, limits: { vcpu: dockerVcpu, memoryGiB, arm64 } },
    timeouts,
  };
}

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

const namedSize = ({ cpu, memory, storage, ...rest }: v.InferOutput<typeof NAMED_SIZE>) =>
  Object.fromEntries(
    Object.entries(inUnits({ cpu, memory, storage, ...rest })).filter(([, value]) => value !== undefined),
  );

/** A named size that no job can get is a mistake in the file, found here before a job finds it. */
function sizeProblems(policy: Policy): string[] {
  const named = Object.entries(policy.sizes);
  const sizes = [
    ['defaults', {} as Policy['sizes'][string]] as const,
    ...named.map(([name, size]) => [`sizes.${name}`, size] as const),
  ];
  return [
    ...named.flatMap(([name]) =>
      isFlag(name) ? [`sizes.${name}: ${name} is an option of a label; choose another name`] : [],
    ),
    ...sizes.flatMap(([key, changes]) =>
      (changes.docker ? dockerProblem : fargateProblem)(key, changes, policy),
    ),
  ];
}

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
