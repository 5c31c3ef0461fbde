import { STSClient } from '@aws-sdk/client-sts';
import { InvalidArgumentError, Option } from 'commander';
import { awsConfig, requireRegion } from '../aws.ts';
import type { AddCommand, CliContext } from '../context.ts';
import type { DeployOptions } from '../deploy/deploy.ts';
import { readGiven } from '../deploy/given.ts';
import { allParameters, checkParameters } from '../deploy/parameters.ts';
import { type DeploymentChoice, IncompleteStack, NoStack, stackOf } from '../deployment.ts';
import { drawRun, drawStory } from '../doctor/draw-story.ts';
import { followStory } from '../doctor/follow-story.ts';
import { createInvestigator, type Investigation } from '../doctor/investigate.ts';
import { examine, type Finding, fail } from '../doctor/link.ts';
import { BEFORE_LINKS, LINKS } from '../doctor/links/index.ts';
import { patient } from '../doctor/patient.ts';
import { tellRun } from '../doctor/run-story.ts';
import { tellStory } from '../doctor/story.ts';
import { wantedBy } from '../doctor/wanted.ts';
import { watchChain } from '../doctor/watch-chain.ts';
import { CliError, EXIT, type ExitCode } from '../errors.ts';
import { untilInterrupted } from '../interrupt.ts';
import { haveEnded } from '../observe/is-over.ts';
import { requireWhich, type Which } from '../observe/which-job.ts';
import { MARKS, type Output } from '../output.ts';
import { pauseUntil } from '../pause.ts';
import { readPolicy } from '../policy.ts';
import { addParameterOption } from './deploy.ts';

/** A look takes a few seconds, and some twenty calls. */
const CHAIN_EVERY_SECONDS = 30;
const JOB_EVERY_SECONDS = 5;

export const addDoctor: AddCommand = (program, context) => {
  const doctor = program
    .command('doctor')
    .description('check every link of the chain, and say what is broken and how to fix it')
    .option(
      '--job <address>',
      'tell the story of a job or a run, by its address on GitHub or a job’s id, and whose fault a failure was',
    )
    .addOption(
      new Option(
        '--before-deploy',
        'check an account before anything is made: quotas, and what is in the way',
      )
        .conflicts(['job', 'watch'])
        .default(false),
    )
    .addOption(
      new Option(
        '--watch [seconds]',
        'look again every so often, and show what changed: until Ctrl-C, or with --job until the job has ended',
      ).argParser(parseSeconds),
    )
    .addHelpText('after', EXIT_OF_JOBS);
  addParameterOption(doctor).action(async ({ job, beforeDeploy, watch, param }: DoctorOptions) => {
    if (param.length > 0 && !beforeDeploy)
      throw new CliError(
        '--param describes a deployment that is not made yet',
        'use it with --before-deploy',
        EXIT.usage,
      );
    if (beforeDeploy) await examineAccount(context(), param);
    else if (job !== undefined) await tell(context(), job, watch);
    else if (watch === undefined) await examineDeployment(context());
    else await watchDeployment(context(), watch);
  });
};

interface DoctorOptions extends DeployOptions {
  readonly job?: string;
  readonly beforeDeploy: boolean;
  /** Seconds; true where no number is given. */
  readonly watch?: number | true;
}

const EXIT_OF_JOBS = `
With --job it ends with 1 where somebody has to act on the deployment: a job waits for that, its runner was
lost or too small, or oneshot stopped it. A job that failed by its own step, at GitHub or in AWS ends with 0.`;

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('Give seconds, from 1 to 3600.');
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

async function watchDeployment({ connected, output }: CliContext, watch: number | true): Promise<void> {
  const deployment = await connected();
  await untilInterrupted((signal) =>
    watchChain({
      ...{ draw, output, signal, now: deployment.now },
      look: () => examine(LINKS, deployment),
      everyMs: 1000 * (watch === true ? CHAIN_EVERY_SECONDS : watch),
      pause: pauseUntil(signal),
    }),
  );
}

async function tell(
  { connected, output }: CliContext,
  text: string,
  watch: number | true | undefined,
): Promise<void> {
  const which = requireWhich(text);
  const investigate = createInvestigator(await connected(), which);
  if (watch === undefined) {
    const told = tellAsked(which, await investigate());
    output.answer(told.story, told.draw);
    process.exitCode = told.story.isWell ? EXIT.fine : EXIT.fault;
    return;
  }
  const everyMs = 1000 * (watch === true ? JOB_EVERY_SECONDS : watch);
  const last = await untilInterrupted((signal) =>
    followStory({
      ...{ output, everyMs, signal, pause: pauseUntil(signal) },
      investigate: patient(investigate, output.tell),
    }),
  );
  const isOver = last !== undefined && haveEnded(last.jobs, last.snapshot);
  process.exitCode = isOver && !tellAsked(which, last).story.isWell ? EXIT.fault : EXIT.fine;
}

/** The story of a job, or the lines of a run's jobs. */
function tellAsked(which: Which, investigation: Investigation) {
  const [job] = investigation.jobs;
  if (which.kind === 'job' && job !== undefined) {
    const story = tellStory(job, investigation);
    return { story, draw: () => drawStory(story) };
  }
  const story = tellRun(which.kind === 'run' ? which.runId : 0, investigation);
  return { story, draw: () => drawRun(story) };
}
