import * as v from 'valibot';
import { LARGEST_STORAGE_GIB } from './core/job/sizes.ts';

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
/** The most that `docker.limits` takes. */
const LARGEST_INSTANCE = { vcpu: 192, memoryGiB: 1536 };

/** Of `rules` and of the file itself. */
const scope = v.picklist(['organization', 'repository'], 'must be organization or repository');
const runnerGroup = v.pipe(
  v.string('must be text: the runner group’s name'),
  v.regex(/^[^\p{Cc}]{1,100}$/u, 'must be 1 to 100 characters: the runner group’s name'),
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
export const NAMED_SIZE = v.strictObject({
  // With Docker it may be larger than Fargate's; without, one that Fargate lacks is found with its limits.
  cpu: v.optional(number('vCPU', 0.25, LARGEST_INSTANCE.vcpu)),
  memory: v.optional(number('GiB', 0.5, LARGEST_INSTANCE.memoryGiB)),
  storage: v.optional(SIZE.storage),
  arch: v.optional(SIZE.arch),
  spot: v.optional(SIZE.spot),
  docker: v.optional(v.boolean('must be true or false')),
});

const LIMITS = {
  cpu: SIZE.cpu,
  memory: SIZE.memory,
  storage: SIZE.storage,
  spot: SIZE.spot,
  arm64: v.boolean('must be true or false'),
};
const sizes = v.record(segment, NAMED_SIZE);

/** One of `rules`: what it leaves out is as in the rest of the file. */
export const RULE = v.strictObject({
  repositories: v.pipe(
    v.array(
      repository(/^[\w.-]+\/([\w.-]+|[\w.-]*\*)$/, 'owner/name, owner/* or owner/prefix*'),
      'must be a list',
    ),
    v.minLength(1, 'must not be empty'),
  ),
  runnerGroup: v.optional(runnerGroup),
  scope: v.optional(scope),
  defaults: v.optional(v.partial(v.strictObject(SIZE))),
  sizes: v.optional(sizes),
  limits: v.optional(v.partial(v.strictObject(LIMITS))),
  docker: v.optional(v.boolean('must be true or false')),
  refuse: v.optional(
    v.pipe(
      v.string('must be text: why, and whom to ask'),
      v.regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters in one line'),
    ),
  ),
});

/** The schema of `runners.yml`. */
export const RUNNERS_FILE = v.strictObject({
  labelPrefix: v.optional(segment, 'fargate'),
  scope: v.optional(scope, 'organization'),
  runnerGroup: v.optional(runnerGroup),
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
  sizes: v.optional(sizes, {}),
  limits: v.optional(
    v.strictObject({
      cpu: v.optional(SIZE.cpu, 4),
      memory: v.optional(SIZE.memory, 16),
      storage: v.optional(LIMITS.storage, 100),
      spot: v.optional(LIMITS.spot, true),
      arm64: v.optional(LIMITS.arm64, true),
    }),
    {},
  ),
  rules: v.optional(v.array(RULE, 'must be a list'), []),
  aliases: v.optional(
    v.record(
      segment,
      v.pipe(v.string('must be text: a label with our prefix, like fargate/small'), v.toLowerCase()),
    ),
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
  spot: v.optional(
    v.strictObject({
      rerun: v.optional(v.picklist(['never', 'once'], 'must be never or once'), 'never'),
      fallback: v.optional(
        v.picklist(
          ['without-capacity', 'on-demand-after-interruption'],
          'must be without-capacity or on-demand-after-interruption',
        ),
        'without-capacity',
      ),
      environments: v.optional(
        v.array(
          v.pipe(
            v.string('must be the name of an environment'),
            v.minLength(1, 'must be the name of an environment'),
            v.toLowerCase(),
          ),
          'must be a list',
        ),
        [],
      ),
    }),
    {},
  ),
  docker: v.optional(
    v.strictObject({
      repositories: v.optional(
        v.array(repository(/^[\w.-]+\/([\w.-]+|\*)$/, 'owner/name or owner/*'), 'must be a list'),
        [],
      ),
      limits: v.optional(
        v.strictObject({
          cpu: v.optional(number('vCPU', 1, LARGEST_INSTANCE.vcpu), 8),
          memory: v.optional(number('GiB', 2, LARGEST_INSTANCE.memoryGiB), 32),
          arm64: v.optional(v.boolean('must be true or false'), true),
        }),
        {},
      ),
    }),
    {},
  ),
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
