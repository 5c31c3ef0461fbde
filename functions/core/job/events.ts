import { isId, isObject, isText, type Json } from '../../kit/json.ts';
import { isName } from './names.ts';
import type { Repository } from './repository.ts';
import { readWorkflowName } from './workflow-name.ts';

/** A delivery as far as it concerns us. `malformed` carries what is wrong; nothing of a payload's values. */
export type Delivery =
  | { readonly kind: 'ping' }
  | { readonly kind: 'other'; readonly event: string }
  | { readonly kind: 'malformed'; readonly problem: string }
  /** Of a repository that can be read, about a job that cannot (`workflow_job: null`, ubicloud#1287). */
  | { readonly kind: 'jobless'; readonly problem: string; readonly repository: Repository }
  | { readonly kind: 'job'; readonly event: JobEvent };

/** The fields of a `workflow_job` delivery that decisions use. Source: docs.github.com, Webhook events and payloads. */
export interface JobEvent {
  readonly action: string;
  readonly jobId: number;
  readonly runId: number;
  /** Of its run: 1 at first, and one more with each re-run. */
  readonly runAttempt: number;
  /** As GitHub sends it: `queued`, `waiting`, ... */
  readonly status: string;
  readonly labels: readonly string[];
  /** When the job was queued, epoch milliseconds; `undefined` where the payload has none that can be read. */
  readonly createdAtMs: number | undefined;
  readonly repository: Repository;
  /** The runner that took the job: only from `in_progress` on. Anyone who registers one chooses its name, not its id. */
  readonly runnerId: number | undefined;
  readonly runnerName: string | undefined;
  /** When a runner took it, epoch milliseconds. */
  readonly startedAtMs: number | undefined;
  /** The runner has reported steps: the job began on it, whatever came of it. */
  readonly hasSteps: boolean;
  /** The workflow's name for it: text that anyone who writes workflows chooses, for records only. */
  readonly jobName: string | undefined;
  /** The workflow's own name; for records only, as `jobName`. */
  readonly workflowName?: string | undefined;
  /** How it ended: only on `completed`. */
  readonly conclusion: string | undefined;
  /** The first step that failed, as the workflow names it; for records only, as `jobName`. */
  readonly failedStep: string | undefined;
}

const objectAt = (parent: Json, key: string): Json => {
  const value = Object.hasOwn(parent, key) ? parent[key] : undefined;
  return isObject(value) ? value : {};
};
const isLabels = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 100 && value.every((label) => isText(label) && label.length <= 256);

/**
 * Reads a delivery whose signature was verified. Total: whatever the payload, an answer and no exception.
 * `name` is the X-GitHub-Event header, `payload` the parsed body.
 */
export function readDelivery(name: string, payload: unknown): Delivery {
  if (name === 'ping') return { kind: 'ping' };
  if (name !== 'workflow_job') return { kind: 'other', event: name };
  if (!isObject(payload)) return { kind: 'malformed', problem: 'the payload is not an object' };
  const problem = problemOf(payload);
  if (problem === undefined) return { kind: 'job', event: jobEvent(payload) };
  return repositoryProblems(payload).length === 0
    ? { kind: 'jobless', problem, repository: readRepository(payload) }
    : { kind: 'malformed', problem };
}

function problemOf(payload: Json): string | undefined {
  const job = objectAt(payload, 'workflow_job');
  const checks: readonly Check[] = [
    ['action', isText(payload['action'])],
    ['workflow_job.id', isId(job['id'])],
    ['workflow_job.run_id', isId(job['run_id'])],
    ['workflow_job.status', isText(job['status'])],
    ['workflow_job.labels', isLabels(job['labels'])],
  ];
  const bad = [...checks.filter(([, fits]) => !fits).map(([field]) => field), ...repositoryProblems(payload)];
  return bad.length === 0 ? undefined : `missing or not of the documented form: ${bad.join(', ')}`;
}

type Check = readonly [field: string, fits: boolean];

function repositoryProblems(payload: Json): string[] {
  const repository = objectAt(payload, 'repository');
  const checks: readonly Check[] = [
    ['repository.id', isId(repository['id'])],
    ['repository.name', isName(repository['name'])],
    ['repository.owner.login', isName(objectAt(repository, 'owner')['login'])],
  ];
  return checks.filter(([, fits]) => !fits).map(([field]) => field);
}

/** Only for a payload in which `problemOf` found none. */
function jobEvent(payload: Json): JobEvent {
  const job = objectAt(payload, 'workflow_job');
  return {
    action: String(payload['action']),
    jobId: Number(job['id']),
    runId: Number(job['run_id']),
    runAttempt: isId(job['run_attempt']) ? job['run_attempt'] : 1,
    status: String(job['status']),
    labels: job['labels'] as string[],
    createdAtMs: readTime(job['created_at']),
    startedAtMs: readTime(job['started_at']),
    runnerId: isId(job['runner_id']) ? job['runner_id'] : undefined,
    runnerName: readText(job['runner_name']),
    hasSteps: Array.isArray(job['steps']) && job['steps'].length > 0,
    jobName: readText(job['name'])?.slice(0, 200),
    workflowName: readWorkflowName(job['workflow_name']),
    conclusion: readText(job['conclusion']),
    failedStep: failedStepOf(job['steps']),
    repository: readRepository(payload),
  };
}

function failedStepOf(steps: unknown): string | undefined {
  const failed = Array.isArray(steps)
    ? steps.find((step) => isObject(step) && step['conclusion'] === 'failure')
    : undefined;
  return readText(Object(failed).name)?.slice(0, 200);
}

const readText = (value: unknown): string | undefined => (isText(value) && value !== '' ? value : undefined);

function readTime(value: unknown): number | undefined {
  const timeMs = isText(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** Only for a payload in which `repositoryProblems` found none. */
function readRepository(payload: Json): Repository {
  const repository = objectAt(payload, 'repository');
  const owner = objectAt(repository, 'owner');
  const installationId = objectAt(payload, 'installation')['id'];
  return {
    id: Number(repository['id']),
    owner: String(owner['login']),
    name: String(repository['name']),
    ownerType: owner['type'] === 'Organization' ? 'Organization' : 'User',
    // Anything but an explicit `private: true` counts as public: the careful reading of an unclear payload.
    isPublic: repository['private'] !== true,
    // Absent from repository and organisation webhooks.
    installationId: isId(installationId) ? installationId : undefined,
  };
}
