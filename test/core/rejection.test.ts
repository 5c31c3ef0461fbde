import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canTake } from '../../functions/core/job/match.ts';
import { decideQueued, type QueuedJob } from '../../functions/core/plan/decide-launch.ts';
import { explain } from '../../functions/core/words/reasons.ts';
import { rejectionsLeft } from '../../functions/core/words/rejection.ts';
import { POLICY } from '../fixtures/policy.ts';
import { taskFixture, WEB } from '../fixtures/tasks.ts';

const NO_SPOT = { ...POLICY, limits: { ...POLICY.limits, spot: false } };
const job = (labels: readonly string[]): QueuedJob => ({
  jobId: 1,
  runId: 2,
  labels,
  repository: WEB,
});
const decide = (labels: readonly string[], policy = POLICY) => decideQueued(job(labels), policy);
function rejection(label: string, policy = POLICY) {
  const decision = decide([label], policy);
  if (decision.verdict !== 'launch' || decision.rejection === undefined)
    throw new Error(explain(decision.verdict === 'launch' ? 'launched' : decision.reason));
  return { ...decision, rejection: decision.rejection };
}

/** Labels of jobs that are served, refused and others', and text of somebody who means no good. */
const anyLabel = fc.oneof(
  fc.constantFrom('fargate', 'fargate/large', 'fargate/cpu=2', 'fargate/cpu=64', 'fargate/cpu=4/cpu=8'),
  fc.constantFrom(
    'fargate/huge',
    'fargate/docker',
    'fargate/docker/spot',
    'fargate/spot',
    'fargate/memory=100',
    'self-hosted',
    'x64',
    'arm64',
  ),
  fc.string().map((text) => `fargate/${text}`),
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => `fargate/${text}`),
  fc.constantFrom('%0A', '\n', '\r\n', '::error::', '"', '\u001b[31m').map((text) => `fargate/${text}x`),
);

describe('a refusal that a person sees', () => {
  it.each([
    [
      'fargate/cpu=64',
      POLICY,
      'The label fargate/cpu=64 cannot be served: Fargate has no size that large (64 vCPU, 2 GiB, 20 GiB storage). ' +
        'Ask for at most 4 vCPU, 16 GiB of memory and 100 GiB of storage, or have the limits in runners.yml raised.',
    ],
    [
      'Fargate/CPU=8',
      POLICY,
      'The label fargate/cpu=8 cannot be served: the size is over a limit of runners.yml (8 vCPU, the limit is 4). ' +
        'Ask for at most 4 vCPU, 16 GiB of memory and 100 GiB of storage, or have the limits in runners.yml raised.',
    ],
    [
      'fargate/huge',
      POLICY,
      'The label fargate/huge cannot be served: the named size is not in runners.yml (fargate/huge; known: large, small, arm). ' +
        'Use one that is known, write fargate/cpu=2/memory=8, or have the size added to runners.yml.',
    ],
    [
      'fargate/cpu:4',
      POLICY,
      'The label fargate/cpu:4 cannot be served: the named size is not in runners.yml (fargate/cpu:4; known: large, small, arm). ' +
        'Use one that is known, write fargate/cpu=2/memory=8, or have the size added to runners.yml.',
    ],
    [
      'fargate/cpu=4,memory=8',
      POLICY,
      'The label fargate/cpu=4,memory=8 cannot be served: the label has our prefix but not our grammar ' +
        '(cpu=4,memory=8 in fargate/cpu=4,memory=8). Write fargate/cpu=2/memory=8, with /storage=50, /arch=arm64 or ' +
        '/spot where wanted, or fargate/NAME for a size of runners.yml.',
    ],
    [
      'fargate/cpu=2/cpu=4',
      POLICY,
      'The label fargate/cpu=2/cpu=4 cannot be served: two labels of the job contradict each other (cpu 2 and 4). ' +
        'Keep one of the two.',
    ],
    [
      'fargate/spot',
      NO_SPOT,
      'The label fargate/spot cannot be served: runners.yml does not allow Spot (limits.spot is false). ' +
        'Leave Spot out, or have limits.spot in runners.yml set to true.',
    ],
    [
      'fargate/arch=arm64',
      { ...POLICY, limits: { ...POLICY.limits, arm64: false } },
      'The label fargate/arch=arm64 cannot be served: runners.yml does not allow arm64 (limits.arm64 is false). ' +
        'Ask for x64, or have that limit of runners.yml set to true and deploy where AWS has it.',
    ],
  ])('should tell of %s what is wrong, the limit and the fix', (label, policy, message) => {
    expect(rejection(label, policy).rejection.message).toBe(message);
  });

  it('should run on the smallest task and never on Spot, whatever the label or the default asks for', () => {
    const policy = { ...POLICY, defaults: { ...POLICY.defaults, spot: true, arch: 'arm64' } } as const;
    expect(rejection('fargate/cpu=64/memory=200/storage=200/spot', policy)).toMatchObject({
      labels: ['fargate/cpu=64/memory=200/storage=200/spot'],
      given: { vcpu: 0.25, memoryGiB: 0.5, storageGiB: 20, arch: 'arm64', provider: 'fargate' },
    });
  });

  it('should be one line of printable ASCII that ends with the fix, whatever the label holds', () => {
    const sizes = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`size-${n}`, { vcpu: 1 }]));
    fc.assert(
      fc.property(anyLabel, fc.constantFrom(POLICY, NO_SPOT, { ...POLICY, sizes }), (label, policy) => {
        const decision = decide([label], policy);
        if (decision.verdict !== 'launch' || decision.rejection === undefined) return;
        expect(decision.rejection.message).toMatch(
          /^The label fargate[\x21-\x7e]* cannot be served: [\x20-\x7e]+\.$/,
        );
        expect(decision.rejection.message.length).toBeLessThanOrEqual(500);
      }),
      { numRuns: 2_000 },
    );
  });

  it('should come from no runner that could take a job that is to be served, or another’s', () => {
    fc.assert(
      fc.property(
        fc.array(anyLabel, { minLength: 1, maxLength: 3 }),
        fc.array(anyLabel, { minLength: 1, maxLength: 3 }),
        (refused, other) => {
          const runner = decide(refused);
          if (runner.verdict !== 'launch' || runner.rejection === undefined) return;
          for (const labels of [other, ...refused.map((label) => [label])]) {
            const lower = labels.map((label) => label.toLowerCase());
            if (!canTake(runner, { labels: lower })) continue;
            expect(decide(labels)).toMatchObject({ rejection: runner.rejection });
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['several labels', ['self-hosted', 'fargate/cpu=64']],
    ['labels that contradict each other', ['fargate/cpu=2', 'fargate/cpu=4']],
    ['a space in it', ['fargate/cpu=2 memory=4']],
    ['a new line in it', ['fargate/x\n::warning::y']],
    ['what is not ASCII in it', ['fargate/größe']],
    ['no end', [`fargate/${'x'.repeat(100)}`]],
  ])('should stay in the log for a job with %s', (_, labels) => {
    expect(decide(labels)).toMatchObject({ verdict: 'unservable' });
  });

  it('should be nothing to a stranger, and nothing where it is switched off', () => {
    const stranger = { ...job(['fargate/cpu=64']), repository: { ...WEB, owner: 'evil' } };
    expect(decideQueued(stranger, POLICY)).toMatchObject({
      verdict: 'ignore',
      reason: 'repository-not-allowed',
    });
    const open = { ...job(['fargate/cpu=64']), repository: { ...WEB, isPublic: true } };
    expect(decideQueued(open, POLICY)).toMatchObject({ verdict: 'ignore' });
    const off = { ...POLICY, rejections: { maximumPerHour: 0 } };
    expect(decide(['fargate/cpu=64'], off)).toMatchObject({
      verdict: 'unservable',
      reason: 'size-not-available',
    });
  });
});

describe('rejectionsLeft', () => {
  const NOW_MS = 10 * 3_600_000;
  const task = (jobId: number, minutesAgo: number, changes = {}) =>
    taskFixture(jobId, { isRejection: true, createdAtMs: NOW_MS - minutesAgo * 60_000, ...changes });
  const policy = { ...POLICY, rejections: { maximumPerHour: 3 } };

  it('should count what was started within the hour for this repository, stopped ones too', () => {
    const tasks = [
      task(1, 59, { lastStatus: 'STOPPED' }),
      task(2, 0),
      task(3, 60),
      task(4, 1, { isRejection: false }),
      task(5, 1, { repository: { ...WEB, id: 2 } }),
    ];
    expect(rejectionsLeft(tasks, WEB.id, policy, NOW_MS)).toBe(1);
  });

  it('should never be less than none', () => {
    const tasks = [1, 2, 3, 4].map((jobId) => task(jobId, 1));
    expect(rejectionsLeft(tasks, WEB.id, policy, NOW_MS)).toBe(0);
  });
});
