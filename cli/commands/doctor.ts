import { explain, REASONS, type Reason } from '../../functions/core/reasons.ts';
import { AWS_CHECKS } from '../doctor/aws-checks.ts';
import { diagnose, type Finding } from '../doctor/checks.ts';
import { GITHUB_CHECKS } from '../doctor/github-checks.ts';
import { observe } from '../doctor/observe.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Installation } from '../installation.ts';
import type { AddCommand, CliContext } from '../main.ts';
import { jobIdOf } from '../observe/job-id.ts';
import { jobsOf, type SeenJob } from '../observe/jobs.ts';
import { readRecords } from '../observe/records.ts';
import { readTasks } from '../observe/tasks.ts';
import { duration, MARKS } from '../output.ts';

/** Every link of the chain, in its order: what is broken first is what is to be mended first. */
export const CHECKS = [...GITHUB_CHECKS, ...AWS_CHECKS];

/** A job fails at GitHub after a day without a runner; its story is no longer than that. */
const STORY_MS = 25 * 3_600_000;

export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .description('look at every link of the chain; say what is broken and how to mend it')
    .option('--job <address>', 'tell the story of one job, by its address at GitHub or its id')
    .action(async ({ job }: { job?: string }) => {
      if (job === undefined) await examine(context());
      else await tellStory(context(), job);
    });
};

async function examine({ installation, output }: CliContext): Promise<void> {
  const place = await installation();
  const findings = diagnose(CHECKS, await observe(place));
  output.answer(findings, () => findings.map(draw).join('\n'));
  if (findings.some(({ verdict }) => verdict.kind === 'fail')) process.exitCode = EXIT.fault;
}

function draw({ title, verdict }: Finding): string {
  if (verdict.kind === 'skip')
    return `${MARKS.skip} ${title}: not looked at, for want of: ${CHECKS.find(({ id }) => id === verdict.because)?.title}`;
  const line = `${MARKS[verdict.kind]} ${title}: ${verdict.seen}`;
  return verdict.kind === 'ok' ? line : `${line}\n    ${verdict.fix}`;
}

async function tellStory({ installation, output }: CliContext, which: string): Promise<void> {
  const jobId = jobIdOf(which);
  if (jobId === undefined)
    throw new CliError(
      `${which} is no job`,
      'give its address (…/actions/runs/1/job/2) or its id',
      EXIT.usage,
    );
  const place = await installation();
  const records = await readRecords(place, place.now() - STORY_MS);
  const job = jobsOf(records, place.stack).find((one) => one.jobId === jobId);
  if (job === undefined)
    throw new CliError(
      `the logs of ${place.stack} know nothing of job ${jobId}`,
      'no delivery of it came in the last day: oneshot doctor looks at the webhook; is the repository in the installation?',
    );
  const story = [...(await chapters(place, job))].toSorted((a, b) => a.atMs - b.atMs);
  output.answer({ job, story }, () =>
    [
      `${job.repository} ${job.name} (${job.labels.join(', ')}): ${job.phase}${job.conclusion ? `, ${job.conclusion}` : ''}`,
      ...story.map(({ atMs, what }) => `${duration(atMs - job.queuedAtMs).padStart(9)}  ${what}`),
    ].join('\n'),
  );
  if (job.phase === 'queued' || job.phase === 'ignored') process.exitCode = EXIT.fault;
}

interface Chapter {
  readonly atMs: number;
  readonly what: string;
}

async function chapters(place: Installation, job: SeenJob): Promise<readonly Chapter[]> {
  const tasks = (await readTasks(place)).filter(({ fact }) =>
    [job.runnerName, ...job.launches.map(({ runnerName }) => runnerName)].includes(fact.runnerName),
  );
  return [
    { atMs: job.queuedAtMs, what: 'queued at GitHub' },
    ...(job.launches.length === 0 && job.reason !== undefined
      ? [{ atMs: job.queuedAtMs, what: `decided: ${job.reason}: ${sentence(job.reason)}` }]
      : []),
    ...job.launches.map(({ atMs, runnerName, outcome, detail }) => ({
      ...{ atMs, what: `launch of ${runnerName}: ${outcome}${detail === undefined ? '' : `: ${detail}`}` },
    })),
    ...tasks.flatMap(({ fact, stoppedReason }) => [
      { atMs: fact.createdAtMs, what: `task of ${fact.runnerName} made` },
      ...(fact.startedAtMs === undefined
        ? []
        : [{ atMs: fact.startedAtMs, what: `task of ${fact.runnerName} runs` }]),
      ...(fact.stoppedAtMs === undefined
        ? []
        : [
            {
              atMs: fact.stoppedAtMs,
              what: `task of ${fact.runnerName} stopped: ${fact.ending}; ${stoppedReason}`,
            },
          ]),
    ]),
    ...(job.startedAtMs === undefined
      ? []
      : [
          {
            atMs: job.startedAtMs,
            what: `began on ${job.runnerName}${job.isSwapped ? ', launched for another job' : ''}`,
          },
        ]),
    ...(job.endedAtMs === undefined ? [] : [{ atMs: job.endedAtMs, what: `ended: ${job.conclusion}` }]),
  ];
}

const sentence = (reason: string): string => (reason in REASONS ? explain(reason as Reason) : '');
