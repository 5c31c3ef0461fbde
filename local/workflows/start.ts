/** Workflows as runs of the embedded GitHub: jobs are queued, and GitHub tells of them, as what they need ends. */
import { runState } from '../github/job-store.ts';
import { SENDER, userBody } from '../github/payloads/accounts.ts';
import { repositoryBody } from '../github/payloads/repositories.ts';
import type { Run } from '../github/records.ts';
import type { Conclusion, Job } from '../github/types.ts';
import type { GitHubWorld } from '../github/world.ts';
import { githubContext } from './contexts.ts';
import { Flow } from './flow.ts';
import type { Values } from './inputs.ts';
import type { WorkflowRun } from './plan.ts';
import type { Workflows } from './read.ts';

export interface StartOptions {
  /** The `secrets` context. One that is missing is empty, as at GitHub. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How long a job lasts where nothing runs its steps, in world seconds: on GitHub's runners. Default: 15. */
  readonly durationSeconds?: number;
  /** Jobs are only simulated: without their steps, each works for a time that this draws (world seconds), and succeeds. */
  readonly simulatedSeconds?: () => number;
}

export interface StartedWorkflows {
  /** In the order of the files. */
  readonly runs: readonly StartedRun[];
  /** Resolves when every job of every run is over. A job that no runner takes is over after a day. */
  readonly over: Promise<readonly FinishedRun[]>;
  /** As somebody does who cancels the runs: jobs whose `if` says so still run. */
  cancel(): void;
}

interface StartedRun {
  readonly runId: number;
  /** The workflow's name. */
  readonly workflow: string;
  readonly file: string;
}

interface FinishedRun extends StartedRun {
  readonly conclusion: Conclusion;
  readonly jobs: readonly Pick<Job, 'id' | 'name' | 'conclusion' | 'annotation'>[];
}

/** Starts a run for each workflow that was read. `repository`: `owner/name`. */
export function startWorkflows(
  github: GitHubWorld,
  repository: string,
  workflows: Workflows,
  options: StartOptions = {},
): StartedWorkflows {
  const all = workflows.runs.map((one) => start(github, repository, workflows, one, options));
  return {
    runs: all.map(({ started }) => started),
    over: Promise.all(all.map(({ over }) => over)),
    cancel() {
      for (const { flow } of all) flow.cancel();
    },
  };
}

const DURATION_SECONDS = 15;

function start(
  github: GitHubWorld,
  repository: string,
  workflows: Workflows,
  { workflow, inputs }: WorkflowRun,
  { secrets = {}, durationSeconds = DURATION_SECONDS, simulatedSeconds }: StartOptions,
) {
  const { name, file } = workflow;
  const run = github.openRun({ repository, workflow: name, origin: originOf(workflows, file) });
  const facts = { repository, event: workflows.event, inputs, workflow: name, file };
  const own = githubContext({ ...facts, ...factsOf(run), payload: payloadOf(github.url, run) });
  const contexts = { github: own, inputs, vars: workflows.vars };
  const flow = new Flow(github.actions, run, workflow, {
    contexts,
    secrets,
    durationSeconds,
    simulatedSeconds,
  });
  const started = { runId: run.id, workflow: name, file };
  return { flow, started, over: flow.over.then(() => ({ ...started, ...resultOf(run) })) };
}

const originOf = ({ event, sha }: Workflows, path: string) => ({
  ...{ event: event.name, path, ref: event.ref },
  ...(sha !== undefined && { sha }),
});

const factsOf = ({ id, number, headSha }: Run) => ({
  ...{ sha: headSha, runId: id, runNumber: number },
  actor: SENDER.login,
});

/** What every event has. */
const payloadOf = (url: string, { installation, repository }: Run) =>
  ({
    repository: repositoryBody(url, installation.owner, repository),
    sender: userBody(url, SENDER),
  }) as Values;

const resultOf = (run: Run) => ({
  conclusion: runState(run).conclusion ?? ('success' as const),
  jobs: run.jobs.map(({ id, name, conclusion, annotation }) => ({ id, name, conclusion, annotation })),
});
