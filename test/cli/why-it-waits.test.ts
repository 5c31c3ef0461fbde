import { describe, expect, it } from 'vitest';
import type { Facts, SeenTask } from '../../cli/observe/facts.ts';
import { foldSnapshot } from '../../cli/observe/fold.ts';
import type { LogRecord } from '../../cli/observe/records.ts';
import { nearestLabel } from '../../cli/observe/why/nearest-label.ts';
import { WAITS } from '../../cli/observe/why/waits.ts';
import { createWhy } from '../../cli/observe/why/why-it-waits.ts';
import { whyItWasLate } from '../../cli/observe/why/why-it-was-late.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { Reason } from '../../functions/core/words/reasons.ts';
import { POLICY } from '../fixtures/policy.ts';
import { jobFixture, PREFIX } from '../fixtures/tasks.ts';
import { delivery, launch, NO_FACTS, REPOSITORY, runnerOf, seenTask, state, stopped } from './records.ts';

/** What a look shows at this second of the world. Times below are seconds, too. */
function look(
  atSeconds: number,
  records: readonly LogRecord[],
  facts: Partial<Facts> & { readonly sinceMs?: number } = {},
) {
  const folding = {
    stack: 'oneshot-dev',
    region: 'us-east-1',
    prefix: PREFIX,
    githubUrl: 'https://github.com',
    sinceMs: 0,
  };
  const all = { ...NO_FACTS, policy: POLICY, ...facts, records };
  const snapshot = foldSnapshot(all, { ...folding, nowMs: atSeconds * 1000 });
  const job = snapshot.jobs.find(({ jobId }) => jobId === 7);
  if (job === undefined) throw new Error('job 7 is not in the snapshot');
  return { job, why: createWhy(snapshot)(job) };
}

const queued = (reason: Reason = 'launched', more: object = {}) =>
  delivery(2_000, 7, 'queued', { queuedAtMs: 0, receivedAtMs: 2_000, reason, ...more });
const swept = (seconds: number): LogRecord => ({ kind: 'swept', id: `s${seconds}`, atMs: seconds * 1000 });
const waiting = (seconds: number, reason: Reason): LogRecord => ({
  ...{ kind: 'waiting', id: `w${seconds}`, atMs: seconds * 1000 },
  ...{ repository: REPOSITORY, jobId: 7, queuedAtMs: 0, reason },
});
const at = (jobId: number, status: string, phases: Record<string, number>, changes = {}): SeenTask => ({
  ...seenTask(jobId, { lastStatus: status, createdAtMs: 3_000, startedAtMs: undefined, ...changes }),
  phases,
});
const onInstance = (): SeenTask => {
  const task = at(7, 'PROVISIONING', {});
  return { ...task, hardware: { ...task.hardware, provider: 'docker' } };
};
const listed = (status: string, isOurs = true, labels = ['fargate']): Partial<Facts> => ({
  jobs: [{ job: jobFixture(7, { status, labels }), repository: REPOSITORY, isOurs, readAtMs: 1 }],
});
const ours = (kind: 'refused' | 'unknown', told: object = {}): LogRecord => {
  const record = launch(2_500, 7, { kind });
  return record.kind === 'launch' ? { ...record, outcome: { ...record.outcome, ...told } } : record;
};
/** Four jobs that ran before: their tasks took a network in 10 s and an image in 20. */
const BEFORE = [1, 2, 3, 4].flatMap((jobId) => [
  delivery(1, jobId, 'queued', { queuedAtMs: 0, receivedAtMs: 1 }),
  launch(1, jobId),
  delivery(2, jobId, 'in_progress', { runner: runnerOf(jobId), startedAtMs: 2 }),
  stopped(3, jobId),
]);
const limited = (concurrency: Partial<Policy['concurrency']>): Partial<Facts> => ({
  policy: { ...POLICY, concurrency: { ...POLICY.concurrency, ...concurrency } },
  tasks: [at(20, 'RUNNING', {}), at(21, 'RUNNING', {})],
});
const stolen = delivery(9_000, 8, 'in_progress', { runner: runnerOf(7), jobName: 'lint' });

const CASES: readonly [kind: keyof typeof WAITS, seen: ReturnType<typeof look>, words: RegExp][] = [
  [
    'just-queued',
    look(5, [swept(1)], listed('queued')),
    /queued it 5 s ago, and its webhook has not come yet/,
  ],
  [
    'webhook-missing',
    look(90, [swept(1)], listed('queued')),
    /1:30 min ago, and no webhook came: the sweep finds/,
  ],
  [
    'functions-silent',
    look(3000, [queued('in-doubt')]),
    /No function of oneshot-dev has written .* for 49:58 min.*: run oneshot doctor/,
  ],
  [
    'label-not-ours',
    look(9, [queued('label-not-ours', { status: 200, labels: ['ubuntu-latest-4-cores'] })]),
    /other runners \(ubuntu-latest-4-cores\).*: the nearest label here is fargate\/cpu=4\./,
  ],
  ['label-not-ours', look(9, [swept(1)], listed('queued', false, ['gpu'])), /other runners \(gpu\)/],
  [
    'repository-not-allowed',
    look(9, [queued('repository-not-allowed', { status: 200 })]),
    /does not allow acme\/web: add it to allow\.repositories and deploy/,
  ],
  [
    'repository-not-allowed',
    look(9, [queued('public-repository-not-allowed', { status: 200 })]),
    /is public, and allow\.publicRepositories/,
  ],
  ['unservable', look(9, [queued('size-over-limit', { answer: 'no such size' })]), /A runner fails the job/],
  ['unservable', look(9, [queued('in-doubt'), waiting(5, 'rejections-over-limit')]), /correct the label/],
  [
    'unservable',
    look(9, [queued('refused-by-rule', { status: 200, answer: 'Ask us.' })]),
    /^Ask us\. No runner fails it/,
  ],
  ['approval', look(9, [queued('waiting-for-approval', { status: 200 })]), /approve it on the run’s page/],
  ['concurrency-group', look(9, [queued()], listed('pending')), /of its concurrency group to end/],
  ['held-by-github', look(9, [queued(), waiting(5, 'not-runnable-yet')]), /max-parallel/],
  ['runner-group', look(9, [queued(), waiting(5, 'group-excludes-repository')]), /runner group includes/],
  ['over-a-day', look(9, [queued(), waiting(5, 'over-a-day')]), /run it again/],
  [
    'launch-refused',
    look(9, [queued('refused'), ours('refused', { refusal: 'no-capacity' })]),
    /refused 7 s ago: Fargate has no capacity .*: add a third zone.* Reconcile launches it again/,
  ],
  [
    'launch-refused-for-good',
    look(9, [queued('refused'), ours('refused', { refusal: 'not-permitted', fault: 'app-suspended' })]),
    /the owner of acme\/web is suspended: unsuspend it in the owner’s settings, under GitHub Apps\.$/,
  ],
  [
    'launch-unanswered',
    look(9, [queued('unknown'), ours('unknown')]),
    /No answer says whether its launch 7 s ago/,
  ],
  [
    'left-to-reconcile',
    look(9, [queued('cooling')]),
    /GitHub or AWS asked this process to wait.*within a minute/,
  ],
  ['reconcile-late', look(600, [queued('in-doubt')]), /That was 9:58 min ago: run oneshot doctor/],
  [
    'concurrency-limit',
    look(9, [queued('in-doubt'), waiting(5, 'at-concurrency-limit')], limited({ runners: 2 })),
    /sets concurrency\.runners \(runners at once\) to 2, and acme\/web has 2: it starts when one ends/,
  ],
  [
    'concurrency-limit',
    look(9, [queued('in-doubt'), waiting(5, 'at-concurrency-limit')], limited({ vcpuPerRepository: 2 })),
    /sets concurrency\.cpuPerRepository \(vCPUs of one repository at once\) to 2/,
  ],
  [
    'concurrency-limit',
    look(9, [queued('in-doubt'), waiting(5, 'at-concurrency-limit')], limited({ runners: 9 })),
    /which has room now/,
  ],
  [
    'backing-off',
    look(90, [queued(), launch(2_500, 7), stopped(60_000, 7, 'never-connected'), waiting(80, 'backing-off')]),
    /Its launch came to nothing: its last task ended as never-connected\. .*oneshot logs 7/,
  ],
  [
    'task-failed',
    look(90, [queued(), launch(2_500, 7), stopped(60_000, 7, 'idle')]),
    /stopped without running it: its last task ended as idle/,
  ],
  [
    'displaced',
    look(9, [queued(), launch(2_500, 7), stolen], { tasks: [at(7, 'RUNNING', {}, { startedAtMs: 8_000 })] }),
    /took another job that asks for the same labels, lint\. Reconcile launches another/,
  ],
  [
    'displaced',
    look(9, [queued(), launch(2_500, 7), launch(2_500, 8), stolen], {
      tasks: [at(7, 'RUNNING', {}, { startedAtMs: 8_000 }), at(8, 'PENDING', {})],
    }),
    new RegExp(`It takes the runner that was launched for that job, ${runnerOf(8)}`),
  ],
  [
    'network',
    look(9, [queued(), launch(2_500, 7)]),
    /^Fargate gives its task a place and a network: 7 s until now\.$/,
  ],
  [
    'network',
    look(9, [...BEFORE, queued(), launch(2_500, 7)], { tasks: [at(7, 'PROVISIONING', {})] }),
    /a network: 6 s until now, usually 5 s, and 95 of 100 within 5 s\.$/,
  ],
  [
    'network',
    look(40, [...BEFORE, queued(), launch(2_500, 7)], { tasks: [onInstance()] }),
    /^ECS starts an instance for its task: 37 s until now\.$/,
  ],
  [
    'network',
    look(300, [swept(290), ...BEFORE, queued(), launch(2_500, 7)], { tasks: [onInstance()] }),
    /^ECS starts an instance for its task: 4:57 min until now\. .* oneshot doctor whether EC2’s quota has room/,
  ],
  [
    'pull',
    look(70, [...BEFORE, queued(), launch(2_500, 7)], { tasks: [at(7, 'PENDING', { network: 10 })] }),
    /pulls the image: 57 s until now, longer than usual: 20 s.*\. Check the subnets’ way out and the registry/,
  ],
  [
    'start',
    look(40, [queued(), launch(2_500, 7)], { tasks: [at(7, 'ACTIVATING', { network: 10, pull: 20 })] }),
    /^Its container starts: 7 s until now\.$/,
  ],
  [
    'connect',
    look(50, [queued(), launch(2_500, 7)], { tasks: [at(7, 'RUNNING', {}, { startedAtMs: 45_000 })] }),
    /^Its runner connects to GitHub: 5 s until now\.$/,
  ],
  [
    'assign',
    look(50, [queued(), launch(2_500, 7), state(48_000, 'idle', 7)], {
      tasks: [at(7, 'RUNNING', {}, { startedAtMs: 45_000 })],
    }),
    /^Its runner is ready, and GitHub has not given it the job: 2 s until now\.$/,
  ],
  [
    'stopping',
    look(50, [queued(), launch(2_500, 7)], { tasks: [at(7, 'STOPPING', {}, { startedAtMs: 45_000 })] }),
    /stops without it/,
  ],
  ['unexplained', look(50, [queued('already-started')]), /run oneshot doctor/],
];

describe('why a job waits', () => {
  it.each(CASES)('should be %s', (kind, { why }, words) => {
    expect(why?.kind).toBe(kind);
    expect(why?.text).toMatch(words);
  });

  it('should have a case for each reason; what the App does not see no snapshot has', () => {
    const shown = new Set(CASES.map(([kind]) => kind));
    expect(Object.keys(WAITS).filter((kind) => !shown.has(kind as keyof typeof WAITS))).toEqual([
      'app-not-installed',
    ]);
  });

  it('should be said in sentences', () => {
    for (const [, { why }] of CASES) expect(why?.text).toMatch(/^(\p{Lu}|runners\.yml|acme|no such).*\.$/u);
  });

  it('should not be asked of a job that runs or has ended', () => {
    const runs = delivery(9_000, 7, 'in_progress', { runner: runnerOf(7) });
    expect(look(10, [queued(), launch(2_500, 7), runs]).why).toBeUndefined();
    const ended = delivery(9_500, 7, 'completed', { runner: runnerOf(7), conclusion: 'success' });
    expect(look(10, [queued(), launch(2_500, 7), runs, ended]).why).toBeUndefined();
  });

  it('should not call the functions silent where their logs could not be read', () => {
    const unread = ['The log group x could not be read'];
    expect(look(3000, [queued('in-doubt')], { unread }).why?.kind).toBe('reconcile-late');
  });
});

describe('the nearest label here', () => {
  it.each([
    [['ubuntu-latest'], 'fargate'],
    [['self-hosted', 'linux', 'arm64'], 'fargate/arch=arm64'],
    [['ubuntu-24.04-arm'], 'fargate/arm'],
    [['big-8-core'], 'fargate'],
    [['buildjet-2vcpu-ubuntu-2204-arm'], 'fargate/cpu=2/arch=arm64'],
    [['ubuntu-large'], 'fargate/large'],
  ])('of %j should be %s', (labels, near) => {
    const limits = { ...POLICY.limits, vcpu: 4, arm64: true };
    expect(nearestLabel(labels, { ...POLICY, limits })).toBe(near);
  });
});

describe('a job that reconcile launched', () => {
  const repair = launch(65_000, 7, { by: 'reconcile', generation: 1 });
  it.each<[string, LogRecord[], string?]>([
    [
      'No webhook of it came: reconcile launched it at 00:01:05 UTC, 1:05 min after',
      [swept(1), repair],
      'queued',
    ],
    [
      'Its webhook came late, 42 s after it was queued',
      [queued('event-too-old', { receivedAtMs: 42_000 }), repair],
    ],
    [
      'Its webhook left it to reconcile (GitHub or AWS asked this process to wait',
      [queued('cooling'), repair],
    ],
    ['Its first launch was refused', [queued('refused'), ours('refused'), repair]],
    ['Its first runner did not run it', [queued(), launch(2_500, 7), repair]],
  ])('should say why: %s', (words, records, status) => {
    const { job } = look(70, records, status === undefined ? {} : listed(status));
    expect(whyItWasLate(job)).toContain(words);
  });

  it('should say that its webhook came late, also where the webhook launched it', () => {
    const late = look(70, [queued('launched', { receivedAtMs: 42_000 }), launch(43_000, 7)]);
    expect(whyItWasLate(late.job)).toBe('Its webhook came late, 42 s after it was queued.');
  });

  it('should have nothing to say where its webhook launched it', () => {
    expect(whyItWasLate(look(70, [queued(), launch(2_500, 7)]).job)).toBeUndefined();
  });
});
