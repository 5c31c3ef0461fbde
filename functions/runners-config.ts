import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { problemsOf } from './config-problems.ts';
import { excessOf } from './core/job/limits.ts';
import type { Policy } from './core/job/policy.ts';
import { providerFor } from './core/job/providers.ts';
import { LARGEST_STORAGE_GIB, roundUpSize } from './core/job/sizes.ts';
import { ConfigurationError } from './core/words/errors.ts';

const number = (what: string, least: number, most: number) =>
  v.pipe(
    v.number(`must be a number: ${what}`),
    v.minValue(least, `must be at least ${least}: ${what}`),
    v.maxValue(most, `must be at most ${most}: ${what}`),
  );
const seconds = (least: number, most: number, fallback: number) =>
  v.optional(
    v.pipe(number('seconds', least, most), v.integer('must be a whole number of seconds')),
    fallback,
  );
const wholeNumber = (what: string, least: number, most: number) =>
  v.pipe(number(what, least, most), v.integer('must be a whole number'));
const atLeastOne = (what: string) => wholeNumber(what, 1, 100_000);
const segment = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]*$/i, 'must be letters, digits, dot, hyphen and underscore'),
  v.toLowerCase(),
);
const repository = (pattern: RegExp, form: string) =>
  v.pipe(v.string(`must be text: ${form}`), v.regex(pattern, `must be ${form}`), v.toLowerCase());

const storage = v.pipe(
  number('GiB of ephemeral storage', 20, LARGEST_STORAGE_GIB),
  v.integer('must be whole GiB'),
);
const arch = v.picklist(['x64', 'arm64'], 'must be x64 or arm64');
const SIZE = {
  cpu: number('vCPU', 0.25, 16),
  memory: number('GiB', 0.5, 120),
  storage,
  arch,
  spot: v.boolean('must be true or false'),
};
const NAMED_SIZE = v.strictObject({
  cpu: v.optional(SIZE.cpu),
  memory: v.optional(SIZE.memory),
  storage: v.optional(SIZE.storage),
  arch: v.optional(SIZE.arch),
  spot: v.optional(SIZE.spot),
});

/** The schema of `runners.yml`. */
export const RUNNERS_FILE = v.strictObject({
  labelPrefix: v.optional(segment, 'fargate'),
  scope: v.optional(
    v.picklist(['organization', 'repository'], 'must be organization or repository'),
    'organization',
  ),
  runnerGroupId: v.optional(wholeNumber('the runner group’s id', 1, 2 ** 31), 1),
  defaults: v.optional(
    v.strictObject({
      cpu: v.optional(SIZE.cpu, 1),
      memory: v.optional(SIZE.memory, 2),
      storage: v.optional(SIZE.storage, 20),
      arch: v.optional(SIZE.arch, 'x64'),
      spot: v.optional(SIZE.spot, false),
    }),
    {},
  ),
  sizes: v.optional(v.record(segment, NAMED_SIZE), {}),
  limits: v.optional(
    v.strictObject({
      cpu: v.optional(SIZE.cpu, 4),
      memory: v.optional(SIZE.memory, 16),
      storage: v.optional(SIZE.storage, 100),
      spot: v.optional(SIZE.spot, true),
      arm64: v.optional(v.boolean('must be true or false'), true),
    }),
    {},
  ),
  concurrency: v.optional(
    v.strictObject({
      runners: v.optional(atLeastOne('runners')),
      runnersPerRepository: v.optional(atLeastOne('runners')),
      cpu: v.optional(atLeastOne('vCPU')),
      cpuPerRepository: v.optional(atLeastOne('vCPU')),
    }),
    {},
  ),
  rejections: v.optional(
    v.strictObject({
      maximumPerHour: v.optional(wholeNumber('rejection tasks for each repository, 0 for none', 0, 1000), 20),
    }),
    {},
  ),
  allow: v.strictObject({
    repositories: v.array(repository(/^[\w.-]+\/([\w.-]+|\*)$/, 'owner/name or owner/*'), 'must be a list'),
    publicRepositories: v.optional(
      v.array(
        repository(/^[\w.-]+\/[\w.-]+$/, 'owner/name, each public repository by itself'),
        'must be a list',
      ),
      [],
    ),
  }),
  timeouts: v.optional(
    v.strictObject({
      idleSeconds: seconds(30, 3600, 120),
      bootSeconds: seconds(300, 7200, 1800),
      maximumAgeSeconds: seconds(600, 5 * 86_400, 21_600),
      orphanGraceSeconds: seconds(300, 86_400, 900),
    }),
    {},
  ),
});

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
  const problems = sizeProblems(policy);
  if (problems.length > 0) fail(problems);
  return policy;
}

function fail(problems: readonly string[]): never {
  throw new ConfigurationError('runners.yml', problems);
}

function toPolicy(file: v.InferOutput<typeof RUNNERS_FILE>): Policy {
  const { labelPrefix, scope, runnerGroupId, rejections, allow, timeouts } = file;
  const { runners, runnersPerRepository, cpu, cpuPerRepository } = file.concurrency;
  const sizes = Object.entries(file.sizes).map(([name, size]) => [name, namedSize(size)] as const);
  return {
    labelPrefix,
    scope,
    runnerGroupId,
    defaults: inUnits(file.defaults),
    sizes: Object.fromEntries(sizes),
    limits: inUnits(file.limits),
    concurrency: { runners, runnersPerRepository, vcpu: cpu, vcpuPerRepository: cpuPerRepository },
    rejections,
    allow,
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
function sizeProblems({ sizes, defaults, limits }: Policy): string[] {
  const named = Object.entries(sizes).map(([name, size]) => [`sizes.${name}`, size] as const);
  return [['defaults', {}] as const, ...named].flatMap(([key, changes]) => {
    const size = { ...defaults, ...changes };
    const given = roundUpSize(size);
    if (given === undefined) return [`${key} is larger than any Fargate size`];
    const excess = excessOf({ ...size, ...given, provider: providerFor(size) }, limits);
    return excess ? [`${key} is over limits.${excess.key}: raise the limit or lower the size`] : [];
  });
}
