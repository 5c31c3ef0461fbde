import { isAllowed, isAllowedDocker, isAllowedPublic, runnerGroupOf } from '../job/allow.ts';
import type { Delivery } from '../job/events.ts';
import { type LabelReading, readLabels } from '../job/labels.ts';
import type { Policy, SizeRequest, TaskSize, Terms } from '../job/policy.ts';
import { PROVIDERS } from '../job/providers.ts';
import { fullName, type Repository, type Scope, scopeOf } from '../job/repository.ts';
import { policiesOf, policyOf } from '../job/rules.ts';
import { unservable } from '../job/serve.ts';
import type { Reason } from '../words/reasons.ts';
import { type Rejection, reject } from '../words/rejection.ts';

/** What is to be launched, for which job. Generation and time are the launch's, not the decision's. */
export interface Launch {
  readonly verdict: 'launch';
  readonly jobId: number;
  readonly runId: number;
  /** The workflow of the job, for records and tags only. */
  readonly workflowName?: string | undefined;
  readonly repository: Repository;
  readonly scope: Scope;
  readonly runnerGroup: Terms['runnerGroup'];
  /** Exactly the labels that the job asks for, in lower case: GitHub implies none, not even `self-hosted`. */
  readonly labels: readonly string[];
  /** What the labels come to; `undefined` where they come to nothing. */
  readonly asked: SizeRequest | undefined;
  readonly given: TaskSize;
  /** Where the job cannot be served: its runner fails it, and runs none of its steps. */
  readonly rejection: Rejection | undefined;
}

/** `ignore`: not ours, or not yet. `unservable`: ours by its label, cannot be served, and no runner may be started to say so. */
export interface NoLaunch {
  readonly verdict: 'ignore' | 'unservable';
  readonly reason: Reason;
  readonly detail?: string;
}

const no = (verdict: NoLaunch['verdict'], reason: Reason, detail?: string): NoLaunch => ({
  verdict,
  reason,
  ...(detail !== undefined && { detail }),
});
const ignore = (reason: Reason, detail?: string) => no('ignore', reason, detail);

/** A queued job, from a delivery or from GitHub's list. */
export interface QueuedJob {
  readonly jobId: number;
  readonly runId: number;
  readonly workflowName?: string | undefined;
  readonly labels: readonly string[];
  readonly repository: Repository;
  /** Of its run, where it is told: 1 at first, and one more with each re-run. */
  readonly runAttempt?: number | undefined;
}

/** Whether a delivery wants a runner, which one, and if not, why. Total and pure; a "no" is an answer. */
export function decideLaunch(
  delivery: Exclude<Delivery, { kind: 'malformed' | 'jobless' }>,
  policy: Policy,
): Launch | NoLaunch {
  if (delivery.kind === 'ping') return ignore('ping');
  if (delivery.kind === 'other') return ignore('event-not-handled', delivery.event);
  const { event } = delivery;
  if (event.action !== 'queued') return ignore('action-not-queued', event.action);
  if (event.status !== 'queued') return ignore(reasonOfStatus(event.status), event.status);
  return decideQueued(event, policy);
}

/**
 * Why a job that was announced as `queued` is not. Sources: docs.github.com, REST API, workflow jobs (`status`), and
 * "Control the concurrency of workflows and jobs" (`pending`); a `waiting` job comes with a `deployment`.
 */
const STATUS_REASONS: ReadonlyMap<string, Reason> = new Map([
  ['waiting', 'waiting-for-approval'],
  ['pending', 'waiting-for-concurrency-group'],
  ['in_progress', 'already-started'],
  ['completed', 'already-completed'],
]);

/** Why no runner is launched for a job with this status, which is not `queued`. */
export const reasonOfStatus = (status: string): Reason => STATUS_REASONS.get(status) ?? 'status-not-queued';

/** Whether a queued job is ours, and how it is launched: the same for the webhook and for reconcile. */
export function decideQueued(job: QueuedJob, policy: Policy): Launch | NoLaunch {
  const { repository } = job;
  const own = policyOf(repository, policy);
  const reading = readFor(repository, job.labels, own);
  if (reading.kind === 'foreign') return ignore(reading.reason, reading.detail);
  const closed = closedTo(repository, policy);
  if (closed !== undefined) return ignore(closed, fullName(repository));
  const labels = [...new Set(job.labels.map((label) => label.toLowerCase()))];
  if (reading.kind === 'ours') {
    const given = givenTo(job, reading.given, own);
    return launchOf(job, { ...reading, given, labels, rejection: undefined }, own);
  }
  const rejection = isOthersToo(job, own, policy) ? undefined : reject(labels, reading, own);
  if (rejection === undefined) return no('unservable', reading.reason, reading.detail);
  return launchOf(job, { ...rejection, labels }, own);
}

/**
 * A runner of the whole organisation takes a job of any repository, and a rejection task would fail one whose policy serves
 * these labels (rule 25).
 */
const isOthersToo = ({ repository, labels }: QueuedJob, own: Policy, policy: Policy): boolean =>
  scopeOf(repository, own).startsWith('orgs/') &&
  policiesOf(repository.owner, policy).some((other) => isServedBy(other, labels));

/** Whether any repository with this policy may have its job with these labels served. */
function isServedBy(policy: Policy, labels: readonly string[]): boolean {
  const reading = readLabels(labels, policy);
  if (policy.refuse !== undefined || reading.kind !== 'ours') return false;
  return !reading.asked.docker || policy.docker.repositories.length > 0;
}

/** The labels as the repository's own policy reads them. */
function readFor(repository: Repository, labels: readonly string[], own: Policy): LabelReading {
  const reading = readLabels(labels, own);
  if (reading.kind === 'foreign') return reading;
  if (own.refuse !== undefined) return unservable('refused-by-rule', own.refuse);
  // A privileged job reaches its instance: which repositories may have one is a list of its own (ADR 43).
  const isClosed = reading.kind === 'ours' && reading.asked.docker && !isAllowedDocker(repository, own);
  return isClosed ? unservable('docker-not-allowed', fullName(repository)) : reading;
}

/** What a first attempt may have lost to Spot, a later one gets on demand, where `spot.fallback` says so (rule 26). */
function givenTo({ runAttempt = 1 }: QueuedJob, given: TaskSize, { spot }: Policy): TaskSize {
  const { isInterruptible, fallback } = PROVIDERS[given.provider];
  const isSafe = spot.fallback === 'on-demand-after-interruption' && runAttempt > 1;
  return isSafe && isInterruptible && fallback !== undefined ? { ...given, provider: fallback } : given;
}

type Runner = Pick<Launch, 'labels' | 'asked' | 'given' | 'rejection'>;

function launchOf(job: QueuedJob, { labels, asked, given, rejection }: Runner, own: Policy): Launch {
  const { jobId, runId, workflowName, repository } = job;
  const scope = scopeOf(repository, own);
  const runnerGroup = runnerGroupOf(scope, own);
  const what = { jobId, runId, workflowName, repository, labels, asked, given, rejection };
  return { verdict: 'launch', scope, runnerGroup, ...what };
}

export type ClosedReason = Extract<Reason, 'repository-not-allowed' | 'public-repository-not-allowed'>;

/** Why a repository is not served; asked before anything is read of it, and before a label is read as unservable. */
export function closedTo(
  repository: Pick<Repository, 'owner' | 'name' | 'isPublic'>,
  policy: Policy,
): ClosedReason | undefined {
  if (!isAllowed(repository, policy)) return 'repository-not-allowed';
  if (repository.isPublic && !isAllowedPublic(repository, policy)) return 'public-repository-not-allowed';
  return undefined;
}
