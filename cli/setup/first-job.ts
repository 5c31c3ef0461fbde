/** The one job that proves a deployment: the workflow that has it, and the page at GitHub that puts it there. */

/** Also the workflow's name: by it its runs are found. */
export const WORKFLOW = 'oneshot';
const FILE = `.github/workflows/${WORKFLOW}.yml`;

/** Runs when this file is committed, and later by a button on the Actions page. */
export const workflowText = (label: string): string => `name: ${WORKFLOW}
on:
  push:
    paths: [${FILE}]
  workflow_dispatch:
jobs:
  hello:
    runs-on: ${label}
    steps:
      - run: echo "Hello from $(hostname)"
`;

/** A repository that is served. */
export interface Served {
  readonly fullName: string;
  readonly branch: string;
}

/**
 * GitHub's editor with the workflow in it; there a person commits it, or opens a pull request. The App does not: one that
 * may write workflows could run anything in each of its repositories, and its key would be worth stealing for that.
 */
export function newFileUrl(webUrl: string, { fullName, branch }: Served, label: string): string {
  const query = new URLSearchParams({ filename: FILE, value: workflowText(label) });
  return `${webUrl}/${fullName}/new/${branch.split('/').map(encodeURIComponent).join('/')}?${query}`;
}

/** The newest job of the workflow, as GitHub shows it. */
export interface SeenJob {
  readonly url: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly runner: string | null;
}

/** What there is to say of the job, in a line that changes when something happens. */
export type Verdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'waiting' | 'green' | 'failed'; readonly url: string; readonly line: string };

/** Pure. */
export function judge(job: SeenJob | undefined): Verdict {
  if (job === undefined) return { kind: 'none' };
  const { url, status, conclusion, runner } = job;
  if (status !== 'completed')
    return { kind: 'waiting', url, line: runner ? `the job runs on ${runner}` : `the job is ${status}` };
  return conclusion === 'success'
    ? { kind: 'green', url, line: `the job is green; it ran on ${runner}: ${url}` }
    : { kind: 'failed', url, line: `the job ended with ${conclusion}: ${url}` };
}
