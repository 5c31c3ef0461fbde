/** What the embedded GitHub keeps of runs, jobs and runners, and how it shows them to those who look on. */
import type { KeyObject } from 'node:crypto';
import * as model from '../../model/github/job.ts';
import type { JobDefinition } from './service/definition.ts';
import type { JobReport } from './service/job-report.ts';
import type { Conclusion, Installation, Job, Repository, Runner, RunnerGroup, RunOrigin } from './types.ts';

export interface Run extends model.Run<JobRecord> {
  readonly number: number;
  readonly workflow: string;
  /** As it is now: repositories are renamed and transferred, and an App is installed again. */
  installation: Installation;
  repository: Repository;
  readonly headSha: string;
  readonly origin: RunOrigin;
  readonly createdAtMs: number;
  readonly isForgotten: boolean;
  /** 1 at first; each re-run adds one. */
  attempt: number;
  attemptStartedAtMs: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Shown = Omit<Job, keyof model.Job<unknown, unknown>>;

export interface JobRecord extends model.Job<JobRecord, RunnerRecord>, Mutable<Shown> {
  readonly run: Run;
  readonly definition: JobDefinition | undefined;
  readonly group: string | undefined;
  readonly continueOnError: boolean;
  /** `jobId` and `planId` of its message. A plan is a run's. */
  readonly guid: string;
  readonly planGuid: string;
  /** As its worker told of them with `completejob`. */
  outputs: Readonly<Record<string, string>>;
  stepResults: readonly StepResult[];
  /** What its worker tells while it works. */
  report: JobReport | undefined;
  assignedAtMs: number;
  /** When its worker was last heard of. */
  seenAtMs: number;
  cancelledAtMs: number | null;
  /** It ended as nothing was heard of its runner any more. */
  hasLostRunner: boolean;
}

/** An annotation of a step or a job. */
export interface Annotation {
  readonly level: 'notice' | 'warning' | 'failure';
  readonly message: string;
  readonly title?: string;
}

/** A step as its worker tells of it (WIRE-23). */
export interface StepResult {
  /** `id` of the step in the job's message; the worker's own steps have others. */
  readonly externalId: string;
  readonly number: number;
  readonly name: string;
  readonly conclusion: Conclusion | null;
  /** ISO 8601, where the worker says. */
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly annotations: readonly Annotation[];
}

/** Where a runner registers: an organisation, or one repository. */
export interface Scope {
  readonly installation: Installation;
  readonly repository: Repository | null;
}

export interface Message {
  readonly messageType: 'RunnerJobRequest' | 'JobCancellation';
  readonly job: JobRecord;
}

export interface RunnerRecord extends model.Runner<JobRecord> {
  readonly scope: Scope;
  readonly group: RunnerGroup;
  readonly clientId: string;
  readonly publicKey: KeyObject;
  readonly createdAtMs: number;
  /** Set by the first session, and never again: a JIT config starts once. */
  sessionId: string | null;
  connected: boolean;
  /** Polls that are open now. */
  polls: number;
  seenAtMs: number;
  removed: boolean;
  /** Removed, but it still polls, and gets no answer (actions/runner#4617). */
  ghost: boolean;
  /** When its worker ended its job. */
  endedAtMs: number | null;
  readonly inbox: Message[];
  /** The last request that it acknowledged. */
  acknowledged: string | null;
  /** How many it has had. */
  messages: number;
  /** Wakes the open poll. */
  wake: () => void;
}

/** A copy for those who look on. */
export function jobSnapshot(record: JobRecord): Job {
  const { run: _run, definition: _what, assigned: _to, createdAtMs: _created, ...known } = record;
  const {
    guid: _guid,
    planGuid: _plan,
    outputs: _outputs,
    stepResults: _steps,
    report: _report,
    ...shown
  } = known;
  const { assignedAtMs: _at, seenAtMs: _seen, cancelledAtMs: _when, hasLostRunner: _gone, ...rest } = shown;
  const { batch: _batch, group: _group, continueOnError: _tolerated, ...job } = rest;
  return { ...job, labels: [...job.labels] };
}

/** A copy for those who look on. */
export const runnerSnapshot = (record: RunnerRecord): Runner => ({
  id: record.id,
  name: record.name,
  scope: scopeName(record.scope),
  groupId: record.group.id,
  labels: [...record.labels],
  status: record.connected ? (record.busy ? 'busy' : 'idle') : 'offline',
  jobId: record.job?.id ?? null,
  createdAtMs: record.createdAtMs,
  installationId: record.scope.installation.id,
});

export const scopeName = ({ installation, repository }: Scope): string =>
  repository === null ? installation.owner.login : `${installation.owner.login}/${repository.name}`;

/** By ids: names change, and an App is installed again. */
const placeOf = ({ installation, repository }: Scope): model.Place => ({
  owner: installation.owner.id,
  repository: repository?.id,
});

export const scopeKey = (scope: Scope): string => Object.values(placeOf(scope)).join('/');

const DEFAULT_GROUPS: readonly RunnerGroup[] = [{ id: 1, name: 'Default' }];

export const groupsOf = ({ runnerGroups }: Installation): readonly RunnerGroup[] =>
  runnerGroups ?? DEFAULT_GROUPS;

export const groupOf = (installation: Installation, id: number): RunnerGroup | undefined =>
  groupsOf(installation).find((group) => group.id === id);

/** Whether this runner may take this job: its scope, its group and its labels all allow it. */
export function fits({ scope, group, labels }: RunnerRecord, job: JobRecord): boolean {
  const { run, labels: wanted } = job;
  const isOfGroup = job.group === undefined || job.group.toLowerCase() === group.name.toLowerCase();
  const { repositories: allowed } = groupOf(run.installation, group.id) ?? group;
  const isOpen = scope.repository !== null || (allowed?.includes(run.repository.name) ?? true);
  return (
    isOfGroup && isOpen && model.reaches(placeOf(scope), placeOf(run)) && model.hasLabels(labels, wanted)
  );
}
