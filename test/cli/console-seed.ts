import type { FaultView, JobView, LaunchView, Snapshot, TaskView } from '../../cli/observe/snapshot.ts';
import { seededRandom } from '../../model/dice.ts';
import { POLICY } from '../fixtures/policy.ts';

export const NOW_MS = Date.UTC(2026, 0, 1, 12);
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];

/** A deployment in which nothing is going on. */
export const QUIET: Snapshot = {
  ...{
    takenAtMs: NOW_MS,
    sinceMs: NOW_MS - HOUR_MS,
    stack: 'oneshot-prod',
    region: 'us-east-1',
    jobs: [],
    tasks: [],
    runners: [],
  },
  ...{ phases: [], doubts: { waiting: 0, dead: 0 }, sweptAtMs: NOW_MS - 30_000, ignored: [], faults: [] },
  ...{
    unread: [],
    policy: { ...POLICY, concurrency: { ...POLICY.concurrency, runners: 1 } },
    heardAtMs: NOW_MS - 5_000,
  },
};

export const job = (jobId: number, more: Partial<JobView> = {}): JobView => ({
  ...{
    jobId,
    runId: 1,
    repository: 'acme/web',
    name: `test (${jobId})`,
    url: undefined,
    labels: ['fargate'],
  },
  ...{ phase: 'queued', conclusion: undefined, queuedAtMs: NOW_MS - MINUTE_MS, startedAtMs: undefined },
  ...{ completedAtMs: undefined, phaseSeconds: {}, launches: [], runnerName: undefined, isSwapped: false },
  ...{ reason: undefined, rejection: undefined, delivery: undefined, statusAtGitHub: undefined },
  failedStep: undefined,
  ...more,
});

export const launch = (jobId: number, more: Partial<LaunchView> = {}): LaunchView => ({
  ...{ generation: 0, runnerName: `r-${jobId}`, atMs: NOW_MS - 59_000, by: 'webhook', outcome: 'launched' },
  ...{ refusal: undefined, fault: undefined, detail: undefined, taskArn: `arn:${jobId}` },
  ...more,
});

export const task = (jobId: number, more: Partial<TaskView> = {}): TaskView => ({
  ...{ taskArn: `arn:${jobId}`, runnerName: `r-${jobId}`, repository: 'acme/web', launchedForJobId: jobId },
  ...{ runsJobId: undefined, size: { vcpu: 2, memoryGiB: 8, storageGiB: 20 }, arch: 'x64' },
  ...{ provider: 'fargate-spot', status: 'STOPPED', createdAtMs: NOW_MS - 90_000, startedAtMs: undefined },
  ...{
    idleAtMs: undefined,
    stoppedAtMs: undefined,
    ending: undefined,
    stop: undefined,
    costUsd: 0.01,
    phases: {},
  },
  ...more,
});

export const fault = (atMs: number, message: string, detail?: string): FaultView => ({
  ...{ atMs, service: 'reconcile', message, detail },
});

const REPOSITORIES = ['acme/web', 'acme/api', 'acme/a-repository-with-a-rather-long-name'];
const LABELS = ['fargate', 'fargate/cpu=4/spot', 'fargate/arch=arm64/memory=8'];
const PHASES = ['queued', 'starting', 'running'] as const;

/** A busy deployment, the same for the same number: one job in twenty is open, the others ended one after another. */
export function busy(count: number, takenAtMs = NOW_MS): Snapshot {
  const random = seededRandom(count);
  const jobs = Array.from({ length: count }, (_, index) => seededJob(index, count, takenAtMs, random));
  const tasks = jobs.flatMap((one) => (one.startedAtMs === undefined ? [] : taskOf(one, takenAtMs)));
  const faults = Array.from({ length: 40 }, (_, index) =>
    fault(
      takenAtMs - index * MINUTE_MS,
      'a message failed, and comes again',
      `RunTask ${1_000 + index}: throttled`,
    ),
  );
  const phases = [
    { phase: 'pull', p50: 9.2, p95: 14.1, count },
    { phase: 'total', p50: 31, p95: 42, count },
  ] as const;
  const times = {
    takenAtMs,
    sinceMs: takenAtMs - 24 * HOUR_MS,
    sweptAtMs: takenAtMs - 4 * MINUTE_MS,
    heardAtMs: takenAtMs - 5_000,
  };
  return { ...QUIET, ...times, jobs, tasks, faults, phases };
}

function seededJob(index: number, count: number, nowMs: number, random: () => number): JobView {
  const jobId = 10_000 + count - index;
  const name = index % 3 === 0 ? `build (${index})` : `test (${index}, ubuntu, node 24)`;
  const own = {
    ...{ name, repository: REPOSITORIES[index % 3] ?? '', labels: [LABELS[index % 3] ?? ''] },
    url: `http://127.0.0.1:1/${REPOSITORIES[index % 3]}/actions/runs/1/job/${jobId}`,
  };
  const phase = index < count / 20 ? PHASES[index % 3] : undefined;
  const queuedAtMs = nowMs - 20_000 - index * 15_000;
  if (phase === 'queued')
    return job(jobId, {
      ...{ ...own, phase, queuedAtMs, reason: 'at-concurrency-limit' },
      delivery: { atMs: queuedAtMs + 1_000, reason: 'concurrency-limited' },
    });
  const launches = [launch(jobId, { atMs: queuedAtMs + 2_000 })];
  if (phase === 'starting') return job(jobId, { ...own, phase, queuedAtMs, launches });
  const startedAtMs = queuedAtMs + 15_000 + random() * 20_000;
  const ran = { ...own, queuedAtMs, launches, startedAtMs, runnerName: `r-${jobId}` };
  if (phase === 'running') return job(jobId, { ...ran, phase });
  const completedAtMs = Math.min(nowMs, startedAtMs + 20_000 + random() * 200_000);
  const conclusion = index % 17 === 0 ? 'failure' : index % 41 === 0 ? 'cancelled' : 'success';
  return job(jobId, { ...ran, phase: 'done', completedAtMs, conclusion });
}

function taskOf({ jobId, repository, queuedAtMs = 0, completedAtMs, startedAtMs }: JobView, nowMs: number) {
  const stoppedAtMs = completedAtMs;
  const status = completedAtMs === undefined ? 'RUNNING' : 'STOPPED';
  const minutes = ((completedAtMs ?? nowMs) - queuedAtMs) / MINUTE_MS;
  const times = { createdAtMs: queuedAtMs + 2_000, startedAtMs, stoppedAtMs };
  return [task(jobId, { ...times, repository, runsJobId: jobId, status, costUsd: minutes * 0.0016 })];
}
