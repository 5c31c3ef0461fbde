import fc from 'fast-check';
import type { Facts, SeenTask } from '../../cli/observe/facts.ts';
import type { LogRecord, RecordOf } from '../../cli/observe/records.ts';
import { runnerName } from '../../functions/core/job/identity.ts';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { REASONS, type Reason } from '../../functions/core/words/reasons.ts';
import { PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

export const NO_FACTS: Facts = {
  records: [],
  tasks: [],
  runners: [],
  jobs: [],
  doubts: undefined,
  policy: undefined,
  unread: [],
};

export const REPOSITORY = `${WEB.owner}/${WEB.name}`;

/** The name of a runner that was launched for a job. */
export const runnerOf = (jobId: number, generation = 0): string =>
  runnerName(PREFIX, { repositoryId: WEB.id, jobId, generation, isFallback: false });

let count = 0;
const id = (): string => `${++count}`;

/** A delivery about a job, as the webhook writes it. */
export function delivery(
  atMs: number,
  jobId: number,
  action: string,
  told: Partial<RecordOf<'delivery'>['job']> & {
    readonly status?: number;
    readonly reason?: Reason;
    readonly receivedAtMs?: number;
    readonly answer?: string;
  } = {},
): LogRecord {
  const { status = action === 'queued' ? 202 : 200, reason, receivedAtMs, answer = '', ...job } = told;
  return {
    kind: 'delivery',
    id: id(),
    atMs,
    status,
    reason: reason ?? (action === 'queued' ? 'launched' : 'action-not-queued'),
    answer,
    receivedAtMs,
    job: { job: jobId, run: 5, repository: REPOSITORY, action, labels: ['fargate'], ...job },
  };
}

export function launch(
  atMs: number,
  jobId: number,
  changes: {
    readonly generation?: number;
    readonly by?: 'webhook' | 'reconcile';
    readonly detail?: string;
    readonly kind?: 'launched' | 'taken' | 'refused' | 'unknown';
  } = {},
): LogRecord {
  const { generation = 0, by = 'webhook', kind = 'launched', detail } = changes;
  const name = runnerOf(jobId, generation);
  const outcome = {
    kind,
    runnerName: name,
    ...(detail !== undefined && { detail }),
    ...(kind === 'launched' && { taskArn: `arn:${jobId}-${generation}` }),
  };
  return { kind: 'launch', id: id(), atMs, by, job: undefined, outcome };
}

export function stopped(
  atMs: number,
  jobId: number,
  ending: TaskEnding = 'ran-succeeded',
  generation = 0,
): LogRecord {
  return {
    kind: 'stopped',
    id: id(),
    atMs,
    task: {
      taskArn: `arn:${jobId}-${generation}`,
      runnerName: runnerOf(jobId, generation),
      repository: REPOSITORY,
      hardware: { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64', provider: 'fargate' },
      costUsd: 0.01,
      createdAtMs: 0,
      startedAtMs: 1,
      stoppedAtMs: atMs,
      ending,
      phases: { network: 5, pull: 20 },
    },
  };
}

/** What a supervisor says. */
export const state = (atMs: number, name: string, jobId: number, generation = 0): LogRecord => ({
  ...{ kind: 'state', id: id(), atMs, state: name, runnerName: runnerOf(jobId, generation) },
  taskId: `arn:${jobId}-${generation}`,
});

export function seenTask(jobId: number, changes: Parameters<typeof taskFixture>[1] = {}): SeenTask {
  return {
    fact: taskFixture(jobId, changes),
    hardware: { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64', provider: 'fargate' },
    pullStartedAtMs: 0,
    phases: {},
  };
}

const atMs = fc.integer({ min: 0, max: 50 });
const jobId = fc.integer({ min: 1, max: 4 });
const generation = fc.integer({ min: 0, max: 2 });
const reason = fc.constantFrom(...(Object.keys(REASONS) as Reason[]));

/** Any record of a few jobs, at times that collide. */
export const anyRecord: fc.Arbitrary<LogRecord> = fc.oneof(
  fc
    .record({
      atMs,
      jobId,
      action: fc.constantFrom('queued', 'in_progress', 'completed', 'waiting'),
      status: fc.constantFrom(200, 202, 401, 503),
      reason,
      runner: fc.option(fc.tuple(jobId, generation), { nil: undefined }),
      queuedAtMs: fc.option(atMs, { nil: undefined }),
    })
    .map(({ atMs, jobId, action, runner, queuedAtMs, ...told }) =>
      delivery(atMs, jobId, action, {
        ...told,
        ...(runner && { runner: runnerOf(...runner) }),
        ...(queuedAtMs !== undefined && { queuedAtMs }),
      }),
    ),
  fc
    .record({
      atMs,
      jobId,
      generation,
      by: fc.constantFrom('webhook' as const, 'reconcile' as const),
      kind: fc.constantFrom('launched' as const, 'taken' as const, 'refused' as const, 'unknown' as const),
    })
    .map(({ atMs, jobId, ...changes }) => launch(atMs, jobId, changes)),
  fc
    .record({ atMs, jobId, generation })
    .map(({ atMs, jobId, generation }) => stopped(atMs, jobId, 'idle', generation)),
  fc.record({ atMs, jobId, reason }).map(
    ({ atMs, jobId, reason }): LogRecord => ({
      ...{ kind: 'waiting', id: id(), atMs, repository: REPOSITORY, jobId, queuedAtMs: 0, reason },
    }),
  ),
  atMs.map((atMs): LogRecord => ({ kind: 'swept', id: id(), atMs })),
  fc
    .record({ atMs, name: fc.constantFrom('connecting', 'idle', 'assigned', 'busy'), jobId })
    .map(({ atMs, name, jobId }) => state(atMs, name, jobId)),
  fc.record({ atMs, message: fc.string() }).map(
    ({ atMs, message }): LogRecord => ({
      ...{ kind: 'fault', id: id(), atMs, service: 'sweep', message, detail: undefined },
    }),
  ),
);
