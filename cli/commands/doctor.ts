import { STSClient } from '@aws-sdk/client-sts';
import { Option } from 'commander';
import { awsConfig, requireRegion } from '../aws.ts';
import type { AddCommand, CliContext } from '../context.ts';
import type { DeployOptions } from '../deploy/deploy.ts';
import { readGiven } from '../deploy/given.ts';
import { allParameters, checkParameters } from '../deploy/parameters.ts';
import { type DeploymentChoice, IncompleteStack, NoStack, stackOf } from '../deployment.ts';
import { examine, type Finding, fail } from '../doctor/link.ts';
import { BEFORE_LINKS, LINKS } from '../doctor/links/index.ts';
import { type Story, tellStory } from '../doctor/story.ts';
import { explainUnknown } from '../doctor/unknown-job.ts';
import { wantedBy } from '../doctor/wanted.ts';
import { CliError, EXIT, type ExitCode } from '../errors.ts';
import { requireJobId } from '../observe/job-id.ts';
import { lookAtJob } from '../observe/look.ts';
import { MARKS, type Output } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { inOneLine } from '../terminal.ts';
import { duration } from '../units.ts';
import { addParameterOption } from './deploy.ts';

/** GitHub fails a job after a day without a runner, so no story is longer. */
const STORY_MS = 25 * 3_600_000;

export const addDoctor: AddCommand = (program, context) => {
  const doctor = program
    .command('doctor')
    .description('check every link of the chain, and say what is broken and how to fix it')
    .option('--job <address>', 'tell the story of one job, by its address on GitHub or its id')
    .addOption(
      new Option(
        '--before-deploy',
        'check an account before anything is made: quotas, and what is in the way',
      )
        .conflicts('job')
        .default(false),
    );
  addParameterOption(doctor).action(async ({ job, beforeDeploy, param }: DoctorOptions) => {
    if (param.length > 0 && !beforeDeploy)
      throw new CliError(
        '--param describes a deployment that is not made yet',
        'use it with --before-deploy',
        EXIT.usage,
      );
    if (beforeDeploy) await examineAccount(context(), param);
    else if (job === undefined) await examineDeployment(context());
    else await tell(context(), job);
  });
};

interface DoctorOptions extends DeployOptions {
  readonly job?: string;
  readonly beforeDeploy: boolean;
}

async function examineAccount(context: CliContext, param: readonly string[]): Promise<void> {
  const { choice, connected, output } = context;
  const given = await readGiven(choice, { param });
  const { aws, region, stack } = choice.local === undefined ? await accountOf(choice) : await connected();
  await checkParameters(given, choice.stage, { stack, region });
  const wanted = wantedBy(await allParameters(given, choice.stage), await readPolicy());
  answer(output, await examine(BEFORE_LINKS, { aws, region, stack, wanted }));
}

/** Of the credentials of this shell: there may be no stack yet. */
async function accountOf({ region: given, stage }: DeploymentChoice) {
  const region = await requireRegion(new STSClient(awsConfig(given)));
  return { aws: awsConfig(region), region, stack: stackOf(stage) };
}

function answer(output: Output, findings: readonly Finding[], exitCode?: ExitCode): void {
  output.answer(findings, () => findings.map((finding) => draw(finding, findings)).join('\n'));
  const isBroken = findings.some(({ verdict }) => verdict.kind === 'fail');
  process.exitCode = exitCode ?? (isBroken ? EXIT.fault : EXIT.fine);
}

async function examineDeployment({ connected, output }: CliContext): Promise<void> {
  const deployment = await connected().catch((error: unknown) => unreached(error, output));
  if (deployment !== undefined) answer(output, await examine(LINKS, deployment));
}

/** Where nothing can be looked at: which of the first links it is. */
function unreached(error: unknown, output: Output): undefined {
  if (!(error instanceof CliError) || error.exitCode === EXIT.usage) throw error;
  const isOfStack = error instanceof NoStack || error instanceof IncompleteStack;
  const id = isOfStack ? 'stack' : 'identity';
  const { title = id, tries = '' } = LINKS.find((link) => link.id === id) ?? {};
  const finding = { id, title, tries, verdict: fail(error.message, error.fix) };
  answer(output, [finding], error.exitCode);
}

function draw({ title, tries, verdict }: Finding, all: readonly Finding[]): string {
  if (verdict.kind === 'skip')
    return `${MARKS.skip} ${title}: skipped until this is fixed: ${all.find(({ id }) => id === verdict.because)?.title}`;
  if (verdict.kind === 'unseen') return `${MARKS.skip} ${title}: not seen: ${verdict.because}`;
  const line = `${MARKS[verdict.kind]} ${title}: ${verdict.seen}`;
  return verdict.kind === 'ok' ? line : `${line}\n    tried: ${tries}\n    fix: ${verdict.fix}`;
}

async function tell({ connected, output }: CliContext, which: string): Promise<void> {
  const jobId = requireJobId(which);
  const deployment = await connected();
  const look = await lookAtJob(deployment, jobId, deployment.now() - STORY_MS);
  const story = tellStory(look);
  if (story === undefined) throw await explainUnknown(deployment, which, jobId);
  output.answer(story, () => drawStory(story));
  if (!story.isWell) process.exitCode = EXIT.fault;
}

function drawStory({ title, chapters, verdict }: Story): string {
  const [first] = chapters;
  const since = (atMs: number) => duration(atMs - (first?.atMs ?? atMs)).padStart(8);
  return [
    inOneLine(title),
    ...chapters.map(({ atMs, what }) => `${since(atMs)}  ${inOneLine(what)}`),
    verdict,
  ].join('\n');
}
