/** What is known of a workflow's jobs before anything has run. */
import { isHosted } from '../github/hosted-runners.ts';
import { githubContext, type RunFacts } from './contexts.ts';
import { type ExpandedJob, expandJob } from './expand.ts';
import { reads } from './expressions.ts';
import type { Values } from './inputs.ts';
import type { Problem } from './problems.ts';
import type { JobTemplate, Workflow } from './workflow.ts';

export interface PlannedJob {
  readonly key: string;
  /** The key, where the name is known later. */
  readonly name: string;
  /** Undefined where they depend on jobs that have not run. */
  readonly labels: readonly string[] | undefined;
  readonly group?: string;
  readonly needs: readonly string[];
  /** It goes to a runner of GitHub's own, where its steps are not run. */
  readonly isHosted: boolean;
}

/** A workflow that an event starts. */
export interface WorkflowRun {
  readonly workflow: Workflow;
  readonly inputs: Values;
  /** Its jobs, as far as they are known before anything has run. */
  readonly jobs: readonly PlannedJob[];
  /** Its push has `paths`, which are taken as met. */
  readonly hasPaths: boolean;
}

type Facts = Pick<RunFacts, 'event' | 'repository' | 'sha' | 'inputs'> & { readonly vars: Values };

export function planJobs(workflow: Workflow, facts: Facts) {
  const jobs: PlannedJob[] = [];
  const problems: Problem[] = [];
  const contexts = { github: contextBefore(workflow, facts), inputs: facts.inputs, vars: facts.vars };
  for (const template of workflow.jobs)
    try {
      jobs.push(...(isLater(template) ? [laterJob(template)] : planOf(template, contexts)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ file: workflow.file, ...template.place, message, fix: 'Correct this job.' });
    }
  return { jobs, problems };
}

/** No run yet, and so no number. */
const contextBefore = ({ file, name }: Workflow, facts: Facts): Values =>
  githubContext({ ...facts, file, workflow: name, runId: 0, runNumber: 0, actor: '', payload: {} });

const isLater = ({ strategy, runsOn, name, environmentName, timeoutMinutes, continueOnError }: JobTemplate) =>
  [strategy, runsOn, name, environmentName, timeoutMinutes, continueOnError].some((token) =>
    reads(token, 'needs'),
  );

const laterJob = ({ key, needs }: JobTemplate): PlannedJob => ({
  ...{ key, needs, name: key },
  ...{ labels: undefined, isHosted: false },
});

const planOf = (template: JobTemplate, contexts: Values): PlannedJob[] =>
  expandJob(template, contexts).jobs.map((job) => plannedJob(template, job));

const plannedJob = ({ key, needs }: JobTemplate, { name, labels, group }: ExpandedJob): PlannedJob => ({
  ...{ key, needs, name, labels },
  ...(group !== undefined && { group }),
  isHosted: group === undefined && isHosted({ labels }),
});
