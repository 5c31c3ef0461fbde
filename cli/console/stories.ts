import type { Deployment } from '../deployment.ts';
import { type Story, tellStory } from '../doctor/story.ts';
import { lookAtJob } from '../observe/look.ts';

/** GitHub fails a job after a day without a runner, so no story is longer. */
const STORY_MS = 25 * 3_600_000;
/** Several pages, or one that is impatient, cost the calls of one. */
const KEPT_MS = 3_000;
/** Stories that are remembered. */
const MOST_KEPT = 50;

/** Tells the stories that `oneshot doctor --job` tells, each at most every few seconds. */
export function storiesOf(deployment: Deployment): (jobId: number) => Promise<Story | undefined> {
  const told = new Map<number, { readonly atMs: number; readonly story: Promise<Story | undefined> }>();
  return (jobId) => {
    const kept = told.get(jobId);
    if (kept !== undefined && performance.now() - kept.atMs < KEPT_MS) return kept.story;
    const story = lookAtJob(deployment, jobId, deployment.now() - STORY_MS).then(tellStory);
    if (told.size >= MOST_KEPT) told.clear();
    told.set(jobId, { atMs: performance.now(), story });
    return story;
  };
}
