import { createFeed } from '../../cli/console/feed.ts';
import { readPageFiles } from '../../cli/console/page-files.ts';
import { type ConsoleOptions, startConsole } from '../../cli/console/server.ts';
import type { Story } from '../../cli/doctor/story.ts';
import type { Snapshot } from '../../cli/observe/snapshot.ts';

export interface SeededPage {
  readonly url: string;
  /** What the next looks see, or fail with; without it they do not end. */
  see(next?: Snapshot | Error): void;
  close(): void;
}

type Given = Partial<Pick<ConsoleOptions, 'storyOf' | 'play' | 'port'>>;

/** The console of a deployment that is nothing but these snapshots. */
export async function openSeeded(first: Snapshot, given: Given = {}): Promise<SeededPage> {
  let seen: Snapshot | Error | undefined = first;
  const look = async () => {
    if (seen === undefined) return new Promise<never>(() => undefined);
    if (seen instanceof Error) throw seen;
    return { snapshot: seen, play: await given.play?.look() };
  };
  const feed = createFeed(look, 200);
  const served = await startConsole({
    ...{ feedOf: () => feed, page: await readPageFiles(), play: undefined, port: 0 },
    storyOf: async (jobId) => storyOf(jobId),
    ...given,
  });
  const see = (next?: Snapshot | Error): void => {
    seen = next;
  };
  return { url: served.url, close: served.close, see };
}

const storyOf = (jobId: number): Story =>
  ({
    title: `acme/web: test (${jobId}) (fargate)`,
    chapters: [
      { atMs: 0, what: 'queued at GitHub' },
      { atMs: 2_000, what: `launch of r-${jobId} by webhook: launched` },
    ],
    verdict: 'It runs.',
    isWell: true,
  }) as unknown as Story;
