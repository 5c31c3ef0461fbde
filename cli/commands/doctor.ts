import { CHECKS } from '../doctor/all-checks.ts';
import { diagnose, type Finding } from '../doctor/checks.ts';
import { observe } from '../doctor/observe.ts';
import { type Story, tellStory } from '../doctor/story.ts';
import { explainUnknown } from '../doctor/unknown-job.ts';
import { EXIT } from '../errors.ts';
import type { AddCommand, CliContext } from '../main.ts';
import { requireJobId } from '../observe/job-id.ts';
import { lookAtJob } from '../observe/look.ts';
import { duration, MARKS } from '../output.ts';

/** A job fails at GitHub after a day without a runner; its story is no longer than that. */
const STORY_MS = 25 * 3_600_000;

export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .description('look at every link of the chain; say what is broken and how to mend it')
    .option('--job <address>', 'tell the story of one job, by its address at GitHub or its id')
    .action(async ({ job }: { job?: string }) => {
      if (job === undefined) await examine(context());
      else await tell(context(), job);
    });
};

async function examine({ installation, output }: CliContext): Promise<void> {
  const place = await installation();
  const findings = diagnose(CHECKS, await observe(place));
  output.answer(findings, () => findings.map(draw).join('\n'));
  if (findings.some(({ verdict }) => verdict.kind === 'fail')) process.exitCode = EXIT.fault;
}

function draw({ title, tries, verdict }: Finding): string {
  if (verdict.kind === 'skip')
    return `${MARKS.skip} ${title}: not looked at before this is mended: ${CHECKS.find(({ id }) => id === verdict.because)?.title}`;
  if (verdict.kind === 'unseen') return `${MARKS.skip} ${title}: not seen: ${verdict.because}`;
  const line = `${MARKS[verdict.kind]} ${title}: ${verdict.seen}`;
  return verdict.kind === 'ok' ? line : `${line}\n    tried: ${tries}\n    fix: ${verdict.fix}`;
}

async function tell({ installation, output }: CliContext, which: string): Promise<void> {
  const jobId = requireJobId(which);
  const place = await installation();
  const look = await lookAtJob(place, jobId, place.now() - STORY_MS);
  const story = tellStory(look);
  if (story === undefined) throw await explainUnknown(place, which, jobId);
  output.answer(story, () => drawStory(story));
  if (!story.isWell) process.exitCode = EXIT.fault;
}

function drawStory({ title, chapters, verdict }: Story): string {
  const [first] = chapters;
  const since = (atMs: number) => duration(atMs - (first?.atMs ?? atMs)).padStart(8);
  return [title, ...chapters.map(({ atMs, what }) => `${since(atMs)}  ${what}`), verdict].join('\n');
}
