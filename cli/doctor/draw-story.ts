import { MARKS } from '../output.ts';
import { inOneLine } from '../terminal.ts';
import { duration } from '../units.ts';
import type { Judgement } from './judge-job.ts';
import { hasFailed, type RunStory } from './run-story.ts';
import type { Story } from './story.ts';

export function drawStory({ title, chapters, verdict }: Story): string {
  const [first] = chapters;
  const since = (atMs: number) => duration(atMs - (first?.atMs ?? atMs)).padStart(8);
  return [
    inOneLine(title),
    ...chapters.map(({ atMs, what }) => `${since(atMs)}  ${inOneLine(what)}`),
    inOneLine(verdict),
  ].join('\n');
}

export function drawRun({ title, jobs, story }: RunStory): string {
  const lines = jobs.map(
    (job) => `${markOf(job)} ${inOneLine(job.name ?? `job ${job.jobId}`)}: ${inOneLine(job.verdict)}`,
  );
  return [inOneLine(title), ...lines, ...(story === undefined ? [] : ['', drawStory(story)])].join('\n');
}

function markOf(job: Judgement): string {
  if (hasFailed(job) || !job.isWell) return MARKS.fail;
  return job.end === undefined ? MARKS.skip : MARKS.ok;
}
