import { describe, expect, it } from 'vitest';
import { covers, isOfPattern, overlaps } from '../../functions/core/job/patterns.ts';
import type { Repository } from '../../functions/core/job/repository.ts';
import { policyOf, scopesIn, widestTerms } from '../../functions/core/job/rules.ts';
import { decideQueued } from '../../functions/core/plan/decide-launch.ts';
import { parseRunnersConfig } from '../../functions/runners-config.ts';

const POLICY = parseRunnersConfig(`
allow: { repositories: [acme/*, beta/app], publicRepositories: [acme/open] }
sizes: { large: { cpu: 4, memory: 16 }, small: { cpu: 0.5, memory: 1 } }
docker: { repositories: [acme/web] }
limits: { spot: false, arm64: false }
rules:
  - repositories: [Acme/Payments, acme/pay-*]
    runnerGroup: Payments
    defaults: { cpu: 2, memory: 8 }
    sizes: { large: { cpu: 8, memory: 32 }, huge: { cpu: 16, memory: 64 } }
    limits: { cpu: 16, memory: 64, spot: true }
  - repositories: [acme/tool, acme/open]
    scope: repository
    limits: { cpu: 2, arm64: true }
    docker: true
  - repositories: [acme/old-*]
    scope: repository
    refuse: "Ask the platform team: https://wiki.example.com/ci"
  - repositories: [acme/gone]
    refuse: "It is read-only."
  - repositories: [acme/*]
    docker: false
`);
const repository = (name: string, owner = 'acme'): Repository => ({
  ...{ id: 1, owner, name, ownerType: 'Organization', installationId: 7, isPublic: false },
});
const decide = (name: string, labels: readonly string[], more: Partial<Repository> = {}) =>
  decideQueued({ jobId: 1, runId: 1, labels, repository: { ...repository(name), ...more } }, POLICY);

describe('a pattern', () => {
  it.each([
    ['acme/web', 'Acme/Web', true],
    ['acme/web', 'acme/website', false],
    ['acme/*', 'acme/web', true],
    ['acme/*', 'acme2/web', false],
    ['acme/pay-*', 'acme/PAY-out', true],
    ['acme/pay-*', 'acme/pay', false],
  ])('%s: %s %s', (pattern, name, isOf) => {
    expect(isOfPattern(pattern, name)).toBe(isOf);
  });

  it('should cover what it has, and overlap with what has some of it', () => {
    expect(covers('acme/*', 'acme/pay-*')).toBe(true);
    expect(covers('acme/pay-*', 'acme/*')).toBe(false);
    expect(covers('acme/web', 'acme/web')).toBe(true);
    expect(covers('acme/web', 'acme/web*')).toBe(false);
    expect(overlaps('acme/pay-*', 'acme/*')).toBe(true);
    expect(overlaps('acme/pay-*', 'acme/web')).toBe(false);
  });
});

describe('the policy of a repository', () => {
  it('should be that of the first rule that has it, in any case of letters', () => {
    const own = policyOf(repository('PAY-out', 'ACME'), POLICY);
    expect(own).toMatchObject({ runnerGroup: 'Payments', scope: 'organization' });
    expect(own.limits).toEqual({ vcpu: 16, memoryGiB: 64, storageGiB: 100, spot: true, arm64: false });
    expect(own.defaults).toMatchObject({ vcpu: 2, memoryGiB: 8, storageGiB: 20, arch: 'x64' });
    expect(own.sizes).toEqual({
      large: { vcpu: 8, memoryGiB: 32 },
      small: { vcpu: 0.5, memoryGiB: 1 },
      huge: { vcpu: 16, memoryGiB: 64 },
    });
    expect(own.docker.repositories).toEqual(['acme/web']);
  });

  it('should be that of the file where no rule has it', () => {
    expect(policyOf(repository('app', 'beta'), POLICY)).toBe(POLICY);
  });

  it('should hold with the bundle’s policy, which has been JSON', () => {
    const bundled = JSON.parse(JSON.stringify(POLICY));
    expect(policyOf(repository('pay-out'), bundled).runnerGroup).toBe('Payments');
    expect(policyOf(repository('web'), bundled).runnerGroup).toBe(1);
  });

  it('should make a deployment ready for the widest terms of all', () => {
    const { limits, docker } = widestTerms(POLICY);
    expect(limits).toEqual({ vcpu: 16, memoryGiB: 64, storageGiB: 100, spot: true, arm64: true });
    expect(docker.repositories).toEqual(['acme/web', 'acme/tool', 'acme/open']);
    expect([...scopesIn(POLICY)]).toEqual(['organization', 'repository']);
  });
});

describe('a job under rules', () => {
  it('should be launched as its own rule says, in its group', () => {
    expect(decide('payments', ['fargate/large'])).toMatchObject({
      ...{ verdict: 'launch', scope: 'orgs/acme', runnerGroup: 'Payments' },
      given: { vcpu: 8, memoryGiB: 32 },
    });
    expect(decide('web', ['fargate/large'])).toMatchObject({ runnerGroup: 1, given: { vcpu: 4 } });
    expect(decide('tool', ['fargate/cpu=2'])).toMatchObject({ scope: 'repos/acme/tool', runnerGroup: 1 });
    expect(decide('payments', ['fargate/spot'])).toMatchObject({ given: { provider: 'fargate-spot' } });
  });

  it('should be served by nobody whom allow does not name', () => {
    const rules = [{ ...(POLICY.rules[0] as (typeof POLICY.rules)[number]), repositories: ['evil/*'] }];
    const job = { jobId: 1, runId: 1, labels: ['fargate'], repository: repository('web', 'evil') };
    expect(decideQueued(job, { ...POLICY, rules })).toMatchObject({
      ...{ verdict: 'ignore', reason: 'repository-not-allowed' },
    });
  });

  it('should get Docker by its rule, and a public repository where it is named in full', () => {
    expect(decide('tool', ['fargate/cpu=1/docker'])).toMatchObject({ given: { provider: 'docker' } });
    const open = decide('open', ['fargate/docker'], { isPublic: true });
    expect(open).toMatchObject({ given: { provider: 'docker' }, rejection: undefined });
    // acme/web is in docker.repositories, and the last rule takes it away.
    expect(decide('web', ['fargate/docker'])).toMatchObject({ reason: 'docker-not-allowed' });
  });

  it('should be failed with the limits of its own rule', () => {
    expect(decide('tool', ['fargate/cpu=4'])).toMatchObject({
      ...{ verdict: 'launch', scope: 'repos/acme/tool' },
      rejection: { reason: 'size-over-limit', message: expect.stringContaining('at most 2 vCPU') },
    });
  });

  it('should be failed by no runner that could take a job that another rule serves', () => {
    // Over the limit here, and served for acme/payments.
    expect(decide('web', ['fargate/cpu=8'])).toMatchObject({
      ...{ verdict: 'unservable', reason: 'size-over-limit' },
    });
    expect(decide('web', ['fargate/huge'])).toMatchObject({ verdict: 'unservable', reason: 'size-unknown' });
    // Served by nobody.
    expect(decide('web', ['fargate/cpu=4x'])).toMatchObject({ verdict: 'launch' });
    // Another organisation's runners are out of reach.
    const job = { jobId: 1, runId: 1, labels: ['fargate/huge'], repository: repository('app', 'beta') };
    expect(decideQueued(job, POLICY)).toMatchObject({ rejection: { reason: 'size-unknown' } });
  });

  it('should be told why a rule refuses it', () => {
    expect(decide('old-shop', ['fargate'])).toMatchObject({
      ...{ verdict: 'launch', scope: 'repos/acme/old-shop', given: { vcpu: 0.25 } },
      rejection: {
        reason: 'refused-by-rule',
        message: expect.stringContaining('(Ask the platform team: https://wiki.example.com/ci)'),
      },
    });
    // At the organisation its runner could be given any job with that label.
    expect(decide('gone', ['fargate'])).toMatchObject({
      ...{ verdict: 'unservable', reason: 'refused-by-rule', detail: 'It is read-only.' },
    });
    expect(decide('gone', ['ubuntu-latest'])).toMatchObject({ verdict: 'ignore' });
  });
});

const problemsOf = (yaml: string): string => {
  try {
    parseRunnersConfig(yaml);
    return 'none';
  } catch (error) {
    return String(error);
  }
};

describe('a problem of rules', () => {
  it('should be told with all others in one message, with its key and the fix', () => {
    const told = problemsOf(
      `
allow: { repositories: [acme/*, beta/app] }
rules:
  - repositories: [acme/pay-*]
  - repositories: [acme/pay-out, other/*, acme/x]
    scope: repository
    runnerGroup: p
  - repositories: [acme/*]
    refuse: no
  - repositories: [acme/web]
    limits: { cpu: 2 }
    defaults: { cpu: 4, memory: 8 }
    sizes: { docker: { cpu: 1 }, big: { cpu: 8, memory: 16 } }
`.replace('refuse: no', 'refuse: "no"\n    docker: true'),
    );
    expect(told).toContain('rules.0 says nothing but repositories');
    expect(told).toContain(
      'rules.1.repositories.0: acme/pay-out never has an effect, as rules.0 has acme/pay-*',
    );
    expect(told).toContain('rules.1.repositories.1: other/* is nothing that allow.repositories serves');
    expect(told).not.toContain('rules.1.repositories.2');
    expect(told).toContain('rules.1.runnerGroup: runners of scope repository are in no group');
    expect(told).toContain('rules.2.docker has no effect beside refuse');
    expect(told).toContain('rules.3.repositories.0: acme/web never has an effect, as rules.2 has acme/*');
    expect(told).toContain('rules.3.defaults is over limits.cpu');
    expect(told).toContain('rules.3.sizes.big is over limits.cpu');
    expect(told).toContain('rules.3.sizes.docker: docker is an option of a label');
  });

  it('should be told of keys and values by the schema, in any place of the list', () => {
    const told = problemsOf(`
allow: { repositories: [acme/*] }
rules:
  - repositories: []
    docker: true
  - repositories: [acme, acme/*x, acme/a-*]
    runnerGrop: x
    limits: { cpus: 2 }
    refuse: "a\\nb"
`);
    expect(told).toContain('rules.0.repositories must not be empty');
    expect(told).toContain('rules.1.repositories.0 must be owner/name, owner/* or owner/prefix*');
    expect(told).toContain('rules.1.repositories.1 must be');
    expect(told).not.toContain('rules.1.repositories.2');
    expect(told).toMatch(/rules\.1\.runnerGrop is not a known key.*runnerGroup/);
    expect(told).toMatch(/rules\.1\.limits\.cpus is not a known key/);
    expect(told).toContain('rules.1.refuse must be 1 to 200 printable ASCII characters');
  });

  it('should be told of a group by name beside one by id, or without an organisation', () => {
    const allow = 'allow: { repositories: [acme/*] }\nrunnerGroup: ci\n';
    expect(parseRunnersConfig(allow).runnerGroup).toBe('ci');
    expect(problemsOf(`${allow}runnerGroupId: 1`)).toContain('keep one of them');
    expect(problemsOf(`${allow}scope: repository`)).toContain('runnerGroup: runners of scope repository');
    const scoped = `${allow}rules: [{ repositories: [acme/web], scope: repository }]`;
    expect(problemsOf(scoped)).toBe('none');
  });

  it('should leave an alias that only a rule serves', () => {
    const yaml = (size: string) =>
      `{ allow: { repositories: [acme/*] }, aliases: { old: fargate/${size} }, rules: [{ repositories: [acme/web], sizes: { big: { cpu: 2, memory: 4 } } }] }`;
    expect(problemsOf(yaml('big'))).toBe('none');
    expect(problemsOf(yaml('bigger'))).toContain('aliases.old');
  });
});
