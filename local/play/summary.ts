import { type LabelReading, readLabels } from '../../functions/core/job/labels.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { policyOf } from '../../functions/core/job/rules.ts';
import type { Job } from '../github/types.ts';
import type { World } from '../world/start-world.ts';
import { type Waits, waitsOf } from './waits.ts';

/** The object that `npm start -- --json` prints; other tools read it. */
export interface Summary {
  readonly jobs: {
    /** Jobs that we serve. */
    readonly queued: number;
    readonly completed: number;
    readonly cancelled: number;
    /** Our jobs that cannot be served, and that failed with the reason on their page. */
    readonly rejected: number;
    /** Jobs that asked for other runners. */
    readonly ignored: number;
    /** Queued or unservable ones that were not over at the end. */
    readonly lost: number;
    /** Tasks of an identity beyond its first, and jobs that began on a second runner. */
    readonly duplicated: number;
  };
  readonly leftover: { readonly tasks: number; readonly runners: number; readonly messages: number };
  readonly queueToStartSeconds: Waits;
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A job's labels by its repository's own policy. */
export function readingOf(
  { labels, repository }: Pick<Job, 'labels' | 'repository'>,
  policy: Policy,
): LabelReading {
  const [owner = '', name = ''] = repository.split('/');
  return readLabels(labels, policyOf({ owner, name }, policy));
}

export function isOurs(job: Pick<Job, 'labels' | 'repository'>, policy: Policy): boolean {
  return readingOf(job, policy).kind === 'ours';
}

export function summarise(world: World, policy: Policy): Summary {
  const jobs = world.github.jobs();
  const ours = jobs.filter((job) => isOurs(job, policy));
  const unservable = jobs.filter((job) => isUnservable(job, policy));
  const completed = ours.filter(({ conclusion }) => conclusion === 'success' || conclusion === 'failure');
  const cancelled = ours.filter(({ conclusion }) => conclusion === 'cancelled');
  return {
    jobs: {
      queued: ours.length,
      completed: completed.length,
      cancelled: cancelled.length,
      rejected: unservable.filter(isRejected).length,
      ignored: jobs.length - ours.length - unservable.length,
      lost: [...ours, ...unservable].filter(({ status }) => status !== 'completed').length,
      duplicated: duplicated(world, ours),
    },
    leftover: leftover(world),
    queueToStartSeconds: waitsOf(world, ours),
    calls: world.ledger.counts(),
  };
}

const isUnservable = (job: Job, policy: Policy): boolean => readingOf(job, policy).kind === 'unservable';
/** By the title of the supervisor's annotation: what else may fail such a job is not our rejection. */
const isRejected = ({ conclusion, annotation }: Job): boolean =>
  conclusion === 'failure' && annotation?.startsWith('oneshot: ') === true;

function duplicated({ aws, begun }: World, ours: readonly Job[]): number {
  const byIdentity = Object.values(Object.groupBy(aws.tasks(), ({ startedBy = '' }) => startedBy));
  const extraTasks = byIdentity.reduce((sum, tasks) => sum + (tasks?.length ?? 0) - 1, 0);
  return extraTasks + ours.filter(({ id }) => (begun.get(id) ?? 0) > 1).length;
}

export function leftover({ aws, github }: World): Summary['leftover'] {
  const messages = Object.values(aws.queues).map((queue) => queue.depth());
  return {
    tasks: aws.tasks().filter(({ lastStatus }) => lastStatus !== 'STOPPED').length,
    runners: github.runners().length,
    messages: messages.reduce((sum, { visible, delayed, inFlight }) => sum + visible + delayed + inFlight, 0),
  };
}
