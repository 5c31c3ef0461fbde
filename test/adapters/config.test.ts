import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLaunchConfiguration, readStageConfiguration } from '../../functions/config.ts';
import { ConfigurationError } from '../../functions/core/words/errors.ts';
import { parseRunnersConfig } from '../../functions/runners-config.ts';

function problemsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('runners.yml', () => {
  it('should be valid as it is shipped, and say what the defaults are', async () => {
    const shipped = parseRunnersConfig(
      await readFile(path.join(import.meta.dirname, '../../runners.yml'), 'utf8'),
    );
    const { sizes, ...rest } = shipped;
    expect(Object.keys(sizes)).not.toHaveLength(0);
    expect({ ...rest, sizes: {} }).toEqual(parseRunnersConfig('allow: { repositories: [acme/*] }'));
  });

  it('should tell every problem at once, with its key', () => {
    const problems = problemsOf(() =>
      parseRunnersConfig(`
allow: { repositories: [acme, 'acme/*/x'], publicRepositories: 'acme/web' }
labelPrefix: 'far gate'
scope: enterprise
limit: { cpu: 4 }
defaults: { cpu: four, arch: mips }
timeouts: { idleSeconds: 90.5 }
sizes: { large: { cpus: 4 } }
rejections: { maximumPerHour: -1 }
`),
    );
    const keys = [
      'allow.repositories.0',
      'allow.repositories.1',
      'allow.publicRepositories',
      'labelPrefix',
      'scope',
      'limit ',
      'defaults.cpu',
      'defaults.arch',
      'timeouts.idleSeconds',
      'sizes.large.cpus',
      'rejections.maximumPerHour',
    ];
    for (const key of keys)
      expect(
        problems.filter((problem) => problem.startsWith(key)),
        key,
      ).toHaveLength(1);
    expect(problems.find((problem) => problem.startsWith('limit '))).toMatch(/not a known key/);
  });

  it.each([
    [
      'allow: { repositories: [acme/*], repos: [] }\nlimit: { cpu: 1 }\nscop: organization\nsizes: { big: { cpus: 2, mem: 4 } }\ncolour: red',
      [
        'allow.repos is not a known key: remove it, or use one of repositories, publicRepositories',
        'limit is not a known key (did you mean limits?)',
        'scop is not a known key (did you mean scope?)',
        'sizes.big.cpus is not a known key (did you mean cpu?)',
        'sizes.big.mem is not a known key: remove it, or use one of cpu, memory, storage, arch, spot, docker',
        /^colour is not a known key: remove it, or use one of labelPrefix, scope/,
      ],
    ],
    ['', ['allow is missing']],
    ['[]', ['allow is missing']],
    ['allow: [', [/./]],
    [
      'allow: { repositories: [acme/*] }\nlimits: { cpu: 1 }\nsizes: { big: { cpu: 2, memory: 4 } }',
      ['sizes.big is over limits.cpu: raise the limit or lower the size'],
    ],
    [
      'allow: { repositories: [acme/*] }\nlimits: { spot: false }\nsizes: { cheap: { spot: true } }',
      ['sizes.cheap is over limits.spot: raise the limit or lower the size'],
    ],
    [
      'allow: { repositories: [acme/*] }\nlimits: { arm64: false }\nsizes: { arm: { arch: arm64 } }',
      ['sizes.arm is over limits.arm64: raise the limit or lower the size'],
    ],
    [
      'allow: { repositories: [acme/*] }\naliases: { ubuntu-latest: fargate, windows-2025: fargate, ubuntu-24.04-arm: fargate, arm64: fargate, fargate: fargate, a: linux, b: fargate/cpu=64 }',
      [
        /^aliases.ubuntu-latest: GitHub’s own runners have it/,
        /^aliases.windows-2025: GitHub’s own/,
        /^aliases.ubuntu-24.04-arm: GitHub’s own/,
        /^aliases.arm64: every self-hosted runner may have it/,
        /^aliases.fargate: it begins with fargate/,
        /^aliases.a: linux does not begin with fargate/,
        /^aliases.b: Fargate has no size that large/,
      ],
    ],
    [
      'allow: { repositories: [acme/*] }\nsizes: { docker: { cpu: 1 }, img: { docker: true, storage: 50 } }',
      [/^sizes.docker: docker is an option of a label/, /^sizes.img: jobs with Docker have the disk/],
    ],
  ])('should not accept %j', (yaml, expected) => {
    const problems = problemsOf(() => parseRunnersConfig(yaml));
    expect(problems).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(problems[index]).toMatch(pattern);
  });

  it('should take a named size with Docker that Fargate has not, within docker.limits', () => {
    const { sizes } = parseRunnersConfig(
      'allow: { repositories: [acme/*] }\ndocker: { limits: { cpu: 64, memory: 256 } }\nsizes: { big: { cpu: 32, memory: 128, docker: true } }',
    );
    expect(sizes['big']).toEqual({ vcpu: 32, memoryGiB: 128, docker: true });
  });

  it.each([
    ['limits: { maximumVcpu: 4 }', 'limits.maximumVcpu is now limits.cpu: rename it'],
    ['limits: { maximumMemoryGiB: 4 }', 'limits.maximumMemoryGiB is now limits.memory: rename it'],
    ['limits: { maximumStorageGiB: 40 }', 'limits.maximumStorageGiB is now limits.storage: rename it'],
    ['capacity: { maximumRunners: 4 }', 'capacity is now concurrency'],
    ['refusals: { maximumPerHour: 4 }', 'refusals is now rejections: rename it'],
  ])('should name the new key for %s of an older version', (line, told) => {
    const problems = problemsOf(() => parseRunnersConfig(`allow: { repositories: [acme/*] }\n${line}`));
    expect(problems).toEqual([expect.stringContaining(told)]);
  });

  it('should take names without regard to case, as GitHub does', () => {
    const policy = parseRunnersConfig(
      'allow: { repositories: [Acme/Web] }\nlabelPrefix: Fargate\nsizes: { Large: { cpu: 2 } }',
    );
    expect(policy).toMatchObject({
      labelPrefix: 'fargate',
      allow: { repositories: ['acme/web'] },
      sizes: { large: { vcpu: 2 } },
    });
  });
});

const STAGE = {
  ONESHOT_STACK: 'oneshot-dev',
  ONESHOT_RUNNER_PREFIX: 'oneshot-dev-5e1fc0de',
  ONESHOT_STAGE: 'dev',
  ONESHOT_PARAMETER_PATH: '/oneshot/dev/github',
  ONESHOT_DOUBT_QUEUE_URL: 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/oneshot-dev-doubts.fifo',
  ONESHOT_DEAD_DOUBT_QUEUE_URL: 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/oneshot-dev-dead.fifo',
  ONESHOT_CLUSTER: 'arn:aws-cn:ecs:cn-north-1:123456789012:cluster/oneshot-dev',
};

describe('the functions’ environment', () => {
  it('should default to the public GitHub and take an Enterprise Server', () => {
    expect(readStageConfiguration(STAGE).githubApiUrl).toBe('https://api.github.com');
    const enterprise = { ...STAGE, GITHUB_API_URL: 'https://git.example.com/api/v3/' };
    expect(readStageConfiguration(enterprise).githubApiUrl).toBe('https://git.example.com/api/v3');
  });

  it('should tell every problem at once, with its variable', () => {
    expect(problemsOf(() => readStageConfiguration({}))).toHaveLength(7);
    const problems = problemsOf(() =>
      readStageConfiguration({
        ...STAGE,
        ONESHOT_RUNNER_PREFIX: 'Oneshot Dev',
        ONESHOT_CLUSTER: 'oneshot',
        GITHUB_API_URL: 'git.example.com',
      }),
    );
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'ONESHOT_RUNNER_PREFIX',
      'ONESHOT_CLUSTER',
      'GITHUB_API_URL',
    ]);
  });

  it('should refuse a stack whose name leaves no room for a runner’s', () => {
    expect(
      problemsOf(() => readStageConfiguration({ ...STAGE, ONESHOT_RUNNER_PREFIX: 'a'.repeat(40) }))[0],
    ).toMatch(/at most 30 characters/);
  });

  it('should tell every problem of what a launch needs', () => {
    const problems = problemsOf(() =>
      readLaunchConfiguration({ ONESHOT_ASSIGN_PUBLIC_IP: 'yes', ONESHOT_SUBNETS: '' }),
    );
    expect(problems.map((problem) => problem.split(' ')[0]).toSorted()).toEqual([
      'ONESHOT_ASSIGN_PUBLIC_IP',
      'ONESHOT_KEY_ARN',
      'ONESHOT_SECURITY_GROUPS',
      'ONESHOT_SUBNETS',
      'ONESHOT_TASK_DEFINITION_ARM64',
      'ONESHOT_TASK_DEFINITION_X64',
    ]);
  });
});
