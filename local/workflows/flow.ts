import type { ActionsWorld } from '../github/actions-world.ts';
import type { JobRecord, Run } from '../github/records.ts';
import type { Conclusion, Job } from '../github/types.ts';
import { type GroupState, isRunOver, type JobState, nextSteps, type RunState, type Step } from './planner.ts';
import { type Around, endedRequest, requestOf } from './requests.ts';
import type { Workflow } from './workflow.ts';

export type FlowOptions = Omit<Around, 'needs'>;

/** Each step begins a key or ends a job, and none is said twice. */
const MOST_ROUNDS = 1_000;

/** One run: asks the planner after each end of a job, and does what it says. */
export class Flow {
  /** Resolves when every job is over. */
  readonly over: Promise<void>;
  readonly #actions: ActionsWorld;
  readonly #run: Run;
  readonly #workflow: Workflow;
  readonly #options: FlowOptions;
  readonly #groups = new Map<string, GroupState>();
  #isCancelled = false;
  #isAdvancing = false;
  #resolve: () => void = () => undefined;

  constructor(actions: ActionsWorld, run: Run, workflow: Workflow, options: FlowOptions) {
    this.#actions = actions;
    this.#run = run;
    this.#workflow = workflow;
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    actions.on('job', this.#look);
    this.#advance();
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#advance();
  }

  readonly #look = ({ id, runId, conclusion }: Job): void => {
    if (runId !== this.#run.id || conclusion === null) return;
    this.#ended(id, conclusion);
    this.#advance();
  };

  /** An end that a step brings about is heard of while it is done, and looked at in the next round. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    for (let round = 0, steps = this.#next(); steps.length > 0; round++, steps = this.#next()) {
      if (round > MOST_ROUNDS) throw new Error(`${this.#workflow.file} is planned without an end`);
      for (const step of steps) this.#apply(step);
    }
    this.#isAdvancing = false;
    if (!isRunOver(this.#workflow, this.#state())) return;
    this.#actions.off('job', this.#look);
    this.#resolve();
  }

  #state = (): RunState => ({ groups: this.#groups, isCancelled: this.#isCancelled });

  #next(): Step[] {
    return nextSteps(this.#workflow, this.#state(), this.#options.contexts);
  }

  #apply(step: Step): void {
    if (step.kind === 'cancel') this.#cancel(step.jobId);
    else if (step.kind === 'queue') this.#queue(step);
    else this.#end(step);
  }

  #queue({ job, needs, expansion }: Step & { kind: 'queue' }): void {
    const requests = expansion.jobs.map((one) => requestOf(job, one, { ...this.#options, needs }));
    const added = this.#actions.addJobs(this.#run, requests, expansion.maxParallel);
    this.#groups.set(job.key, { jobs: added.map(stateOf), failFast: expansion.failFast });
  }

  #end(step: Step & { kind: 'skip' | 'fail' }): void {
    const [conclusion, annotation] =
      step.kind === 'fail' ? (['failure', step.reason] as const) : (['skipped', null] as const);
    const added = this.#actions.addEnded(this.#run, endedRequest(step.job), conclusion, annotation);
    this.#groups.set(step.job.key, { jobs: [stateOf(added)], failFast: false });
  }

  #cancel(jobId: number): void {
    this.#change(jobId, (job) => ({ ...job, isCancelled: true }));
    const job = this.#actions.jobs.get(jobId);
    if (job !== undefined) this.#actions.cancel(job);
  }

  #ended(jobId: number, conclusion: Conclusion): void {
    const { outputs = {} } = this.#actions.jobs.get(jobId) ?? {};
    this.#change(jobId, (job) => ({ ...job, conclusion, outputs }));
  }

  #change(jobId: number, change: (job: JobState) => JobState): void {
    for (const [key, group] of this.#groups) {
      const jobs = group.jobs.map((job) => (job.id === jobId ? change(job) : job));
      this.#groups.set(key, { ...group, jobs: inOrderOfEnd(jobs, jobId) });
    }
  }
}

/** The one that has just ended comes after those that ended before it. */
function inOrderOfEnd(jobs: readonly JobState[], jobId: number): JobState[] {
  const rank = ({ id, conclusion }: JobState) => (conclusion === null ? 2 : id === jobId ? 1 : 0);
  return jobs.toSorted((a, b) => rank(a) - rank(b));
}

const stateOf = ({ id, conclusion, outputs, continueOnError }: JobRecord): JobState => ({
  ...{ id, conclusion, outputs, continueOnError },
  isCancelled: false,
});
