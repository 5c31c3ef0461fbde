/** The log of a job: as its runner told it, or what this world itself knows of a job that ran no steps. */
import { stripVTControlCharacters } from 'node:util';
import type { JobRecord } from './records.ts';

interface Line {
  readonly atMs: number;
  readonly text: string;
}

/** Lines with their times. Colours are for terminals: they are left out. */
export function jobLog(job: JobRecord): string[] {
  const told = job.report?.jobLog() ?? [];
  if (told.length > 0) return told.map(plain);
  return known(job).map(({ atMs, text }) => `${new Date(atMs).toISOString()} ${text}`);
}

/** Lines of one of its steps. */
export const stepLog = ({ report }: JobRecord, step: string): string[] =>
  (report?.logOf(step) ?? []).map(plain);

const plain = (line: string): string => stripVTControlCharacters(line).replaceAll('\r', '');

/** In the order of time. */
function known(job: JobRecord): Line[] {
  const { queuedAtMs, startedAtMs, completedAtMs, durationSeconds, annotation, conclusion } = job;
  const lines: (Line | undefined)[] = [
    { atMs: queuedAtMs, text: `Queued: waiting for a runner with the labels ${job.labels.join(', ')}` },
    at(startedAtMs, `Job is about to start running on the runner: ${job.runnerName}`),
    job.definition === undefined
      ? at(startedAtMs, `This world has no code to run: the job works for ${durationSeconds} seconds`)
      : undefined,
    annotation === null ? undefined : at(completedAtMs, `Error: ${annotation}`),
    at(completedAtMs, `Job ended: ${conclusion}`),
  ];
  return lines.filter((line) => line !== undefined);
}

const at = (atMs: number | null, text: string): Line | undefined =>
  atMs === null ? undefined : { atMs, text };
