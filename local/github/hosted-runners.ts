/** GitHub's own runners: their jobs send the same webhooks and are not ours. */
import type { ActionsWorld } from './actions-world.ts';
import type { JobRecord } from './records.ts';

/** Labels of GitHub-hosted runners (docs.github.com: Choosing the runner for a job). */
const HOSTED = /^(ubuntu|windows|macos)-/i;

const START_MS = { least: 2_000, spread: 6_000 };

export const isHosted = ({ labels }: { readonly labels: readonly string[] }): boolean =>
  labels.length === 1 && HOSTED.test(labels[0] ?? '');

/** Runs a queued job that asks for a GitHub-hosted runner. */
export function runHosted(world: ActionsWorld, job: JobRecord, random: () => number): void {
  const { clock } = world;
  clock.after(START_MS.least + random() * START_MS.spread, () => {
    if (job.status !== 'queued') return;
    world.startHosted(job, 1 + Math.floor(random() * 1_000_000));
    clock.after(job.durationSeconds * 1000, () => {
      if (job.status === 'in_progress') world.finish(job, job.result);
    });
  });
}
