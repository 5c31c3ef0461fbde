import { select } from '@inquirer/prompts';
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { judge, newFileUrl, type SeenJob, type Served, type Verdict, workflowText } from './first-job.ts';
import { viewGitHub } from './github-view.ts';
import { type Done, poll, type SetupOptions, show, waitMs } from './steps.ts';

export interface ProveOptions extends Pick<SetupOptions, 'open' | 'wait'> {
  readonly workflow?: 'open' | 'print' | 'none';
  readonly repository?: string;
  readonly watch: boolean;
}

export interface Proof {
  readonly repository: string;
  /** The page at GitHub that has the workflow ready. */
  readonly newFileUrl: string;
  /** Where the job is that was seen to be green. */
  readonly jobUrl: string | undefined;
  readonly text: string;
}

/** Brings the workflow to the person, and watches its job where that is wished. Throws CliError if it is not green. */
export async function prove(
  deployment: Deployment,
  done: Done,
  options: ProveOptions,
  output: Output,
): Promise<Proof> {
  const policy = await readPolicy();
  const { listServed, newestJob } = await viewGitHub(deployment, done, policy);
  const repository = await choose(await listServed(), done, options);
  const url = newFileUrl(deployment.githubWebUrl, repository, policy.labelPrefix);
  const proof = { repository: repository.fullName, newFileUrl: url };
  const look = () => newestJob(repository.fullName);
  const before: Verdict = options.watch ? judge(await look()) : { kind: 'none' };
  if (before.kind === 'green') return { ...proof, jobUrl: before.url, text: before.line };
  const text = bring(url, policy.labelPrefix, options, output);
  if (!options.watch) return { ...proof, jobUrl: undefined, text };
  output.tell(text);
  const green = await watch(look, before, options, output);
  return { ...proof, jobUrl: green.url, text: green.line };
}

/** Opens the page, or says what is on it. */
function bring(url: string, label: string, options: ProveOptions, output: Output): string {
  if (options.workflow === 'open') {
    show(url, 'Commit the workflow here, or open a pull request with it', options, output);
    return 'Its job shows that everything works. If it does not start: oneshot doctor';
  }
  const indented = workflowText(label).replaceAll(/^(?=.)/gm, '  ');
  return `A workflow with one job that shows that everything works:\n\n${indented}\nCommit it, or open a pull request with it, here:\n  ${url}\nIf its job does not start: oneshot doctor`;
}

async function choose(
  served: readonly Served[],
  { account, slug }: Done,
  { repository: wanted }: ProveOptions,
): Promise<Served> {
  const [first] = served;
  if (first === undefined)
    throw new CliError(
      `${slug} sees no repository on ${account} that runners.yml allows`,
      'add one to allow.repositories and deploy, or give the App access to one: Settings, GitHub Apps, Configure',
    );
  if (wanted !== undefined) {
    const chosen = served.find(({ fullName }) => fullName.toLowerCase() === wanted.toLowerCase());
    if (chosen !== undefined) return chosen;
    const names = served.map(({ fullName }) => fullName).join(', ');
    throw new CliError(`${wanted} is not served`, `choose one of ${names}`, EXIT.usage);
  }
  if (served.length === 1 || !process.stdin.isTTY) return first;
  const choices = served.map((value) => ({ name: value.fullName, value }));
  return select({ message: 'In which repository should the first job run?', choices });
}

/** Says what happens to the job until it is green. One that had failed before is not waited for: another is to come. */
async function watch(
  look: () => Promise<SeenJob | undefined>,
  before: Verdict,
  options: ProveOptions,
  output: Output,
): Promise<{ readonly url: string; readonly line: string }> {
  let told = '';
  let url: string | undefined;
  const verdict = await poll(async () => {
    const seen = judge(await look());
    if (seen.kind === 'none' || (before.kind === 'failed' && seen.url === before.url)) return undefined;
    url = seen.url;
    if (seen.kind !== 'waiting') return seen;
    if (seen.line !== told) output.tell(seen.line);
    told = seen.line;
    return undefined;
  }, waitMs(options));
  if (verdict?.kind === 'green') return verdict;
  if (url === undefined)
    throw new CliError(
      'no run of the workflow was seen in time',
      'commit it, then run the same command again',
      EXIT.usage,
    );
  throw new CliError(verdict?.line ?? `${told} still: ${url}`, `oneshot doctor --job ${url}`);
}
