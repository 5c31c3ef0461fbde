import { CHECKS } from '../doctor/all-checks.ts';
import { diagnose, type Finding, fail } from '../doctor/checks.ts';
import { observe } from '../doctor/observe.ts';
import { type Story, tellStory } from '../doctor/story.ts';
import { explainUnknown } from '../doctor/unknown-job.ts';
import { CliError, EXIT, type ExitCode } from '../errors.ts';
import { type Installation, NoStack } from '../installation.ts';
import type { AddCommand, CliContext } from '../main.ts';
import { requireJobId } from '../observe/job-id.ts';
import { lookAtJob } from '../observe/look.ts';
import { MARKS } from '../output.ts';
import { inOneLine } from '../terminal.ts';
import { duration } from '../units.ts';

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
  const { findings, exitCode } = await installation().then(lookAt, unreached);
  output.answer(findings, () => findings.map(draw).join('\n'));
  process.exitCode = exitCode;
}

interface Examined {
  readonly findings: readonly Finding[];
  readonly exitCode: ExitCode;
}

async function lookAt(place: Installation): Promise<Examined> {
  const findings = diagnose(CHECKS, await observe(place));
  const isBroken = findings.some(({ verdict }) => verdict.kind === 'fail');
  return { findings, exitCode: isBroken ? EXIT.fault : EXIT.fine };
}

/** Where nothing can be looked at: which of the first links it is. */
function unreached(error: unknown): Examined {
  if (!(error instanceof CliError) || error.exitCode === EXIT.usage) throw error;
  const id = error instanceof NoStack ? 'stack' : 'identity';
  const { title = id, tries = '' } = CHECKS.find((check) => check.id === id) ?? {};
  const finding = { id, title, tries, verdict: fail(error.message, error.fix) };
  return { findings: [finding], exitCode: error.exitCode };
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
  return [
    inOneLine(title),
    ...chapters.map(({ atMs, what }) => `${since(atMs)}  ${inOneLine(what)}`),
    verdict,
  ].join('\n');
}
