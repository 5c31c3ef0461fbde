import type { Deployment } from '../deployment.ts';
import { createInvestigator, type Investigation } from '../doctor/investigate.ts';
import { type Story, tellStory } from '../doctor/story.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Snapshot } from '../observe/snapshot.ts';

/** Several pages, or one that is impatient, cost the calls of one. */
const KEPT_MS = 3_000;
/** Stories that are remembered. */
const MOST_KEPT = 50;

interface Kept {
  readonly investigate: () => Promise<Investigation>;
  atMs: number;
  story: Promise<Story | undefined>;
}

/** Tells the stories that `oneshot doctor --job` tells, each at most every few seconds. `look` is the page's own. */
export function storiesOf(
  deployment: Deployment,
  look: () => Promise<Snapshot>,
): (jobId: number) => Promise<Story | undefined> {
  const told = new Map<number, Kept>();
  return (jobId) => {
    const kept = told.get(jobId);
    if (kept !== undefined && performance.now() - kept.atMs < KEPT_MS) return kept.story;
    const which = { kind: 'job', jobId, repository: undefined } as const;
    const investigate = kept?.investigate ?? createInvestigator(deployment, which, { look });
    const story = tell(investigate);
    if (told.size >= MOST_KEPT) told.clear();
    told.set(jobId, { investigate, atMs: performance.now(), story });
    return story;
  };
}

/** `undefined` for a job that nobody knows. */
async function tell(investigate: Kept['investigate']): Promise<Story | undefined> {
  try {
    const investigation = await investigate();
    const [job] = investigation.jobs;
    return job && tellStory(job, investigation);
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.usage) return undefined;
    throw error;
  }
}
