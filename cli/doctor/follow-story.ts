import { haveEnded } from '../observe/is-over.ts';
import type { JobView } from '../observe/snapshot.ts';
import type { Output } from '../output.ts';
import type { Pause } from '../pause.ts';
import { inOneLine, PAINT, toTerminal } from '../terminal.ts';
import type { Investigation } from './investigate.ts';
import { type Story, tellStory } from './story.ts';

/** A line of a story that is told while it happens. */
interface News {
  readonly atMs: number;
  readonly jobId: number;
  readonly name: string;
  readonly what: string;
}

/** Tells what is new since the last look: chapters, why a job waits now, and how it ended. */
function createTeller(): (investigation: Investigation) => News[] {
  const told = new Set<string>();
  return (investigation) =>
    investigation.jobs
      .flatMap((job) => newsOf(tellStory(job, investigation), investigation))
      .filter(({ key }) => !told.has(key) && told.add(key))
      .map(({ key: _, ...news }) => news)
      .toSorted((a, b) => a.atMs - b.atMs);
}

function newsOf(
  { job, chapters, verdict, wait, end }: Story,
  { snapshot }: Investigation,
): (News & { readonly key: string })[] {
  const { jobId } = job;
  const name = nameOf(job);
  const told = chapters.map(({ atMs, what }) => ({
    ...{ atMs, jobId, name, what },
    key: `${jobId} ${atMs} ${what}`,
  }));
  // While its task has not stopped, it is not certain what ended it.
  if (end !== undefined && !haveEnded([job], snapshot)) return told;
  // A wait is told again when its kind changes, and not with each second.
  const key = `${jobId} ${wait?.kind ?? end?.kind ?? job.phase} stands`;
  return [...told, { atMs: snapshot.takenAtMs, jobId, name, what: verdict, key }];
}

const nameOf = ({ name, jobId }: JobView): string => name ?? `job ${jobId}`;

export interface Following {
  readonly investigate: () => Promise<Investigation>;
  readonly output: Output;
  readonly everyMs: number;
  readonly pause: Pause;
  readonly signal: AbortSignal;
}

/** Tells line by line until the jobs have ended, or the signal. Resolves with what was seen last. */
export async function followStory(following: Following): Promise<Investigation | undefined> {
  const { investigate, output, everyMs, pause, signal } = following;
  const news = createTeller();
  let last: Investigation | undefined;
  for (; !signal.aborted; await pause(everyMs)) {
    last = await investigate();
    for (const one of news(last)) print(one, output, last.jobs.length > 1);
    if (haveEnded(last.jobs, last.snapshot)) return last;
  }
  return last;
}

function print({ atMs, name, ...news }: News, { isJson }: Output, isOneOfMany: boolean): void {
  const at = new Date(atMs).toISOString();
  const words = `${PAINT.dim(at)} ${isOneOfMany ? `${inOneLine(name)}: ` : ''}${inOneLine(news.what)}`;
  console.log(toTerminal(isJson ? JSON.stringify({ at, name, ...news }) : words));
}
