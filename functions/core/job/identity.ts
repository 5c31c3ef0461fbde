/**
 * Which launch of which job. Its name is the runner's, the task's `startedBy` and the `clientToken` of the one RunTask
 * call that may ever start it, so that no two tasks live under one name, whatever the lists show (ADR 10).
 */
export interface LaunchIdentity {
  readonly repositoryId: number;
  readonly jobId: number;
  /** The minute of the job's life in which it was made, modulo a thousand: 0 for the webhook's launch. */
  readonly generation: number;
  /** On-demand instead of Spot, which had no capacity (rule 6). */
  readonly isFallback: boolean;
}

/** GitHub's limit on a runner's name and ECS's on a `clientToken`: 64 characters. */
const LONGEST_NAME = 64;
/** Digits of GitHub's ids, each a hundred times more than in 2026: repositories had 10 then, jobs 11. */
const REPOSITORY_DIGITS = 12;
const JOB_DIGITS = 13;
/** `-` before each id, `-` + 3 digits of the generation, `-od` for the fallback. */
const LONGEST_SUFFIX = 1 + REPOSITORY_DIGITS + 1 + JOB_DIGITS + 4 + 3;
export const LONGEST_PREFIX = LONGEST_NAME - LONGEST_SUFFIX;
/** A prefix is the stack's name and `-` with 8 digits that tell two stacks of one name apart (infra/cluster.yml). */
export const LONGEST_STACK = LONGEST_PREFIX - 9;

/** Letters, digits and single hyphens inside: what a runner's name, `startedBy` and `clientToken` all allow. */
export const PREFIX_PATTERN = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

const MINUTE_MS = 60_000;
/** Three digits of a name: sixteen hours. A name that still stands for something by then is refused as taken. */
const GENERATIONS = 1000;

/** The generation of a launch that is made now. Never that of another minute: nobody has to know of earlier launches. */
export const generationAt = (createdAtMs: number, nowMs: number): number =>
  Math.floor(Math.max(0, nowMs - createdAtMs) / MINUTE_MS) % GENERATIONS;

/** `{prefix}-{repositoryId}-{jobId}-{generation}`, and `-od` for a fallback (rule 1). The prefix is unique per deployment. */
export function runnerName(prefix: string, identity: LaunchIdentity): string {
  const { repositoryId, jobId, generation, isFallback } = identity;
  return `${prefix}-${repositoryId}-${jobId}-${generation}${isFallback ? '-od' : ''}`;
}

const IDENTITY = new RegExp(`^(\\d{1,${REPOSITORY_DIGITS}})-(\\d{1,${JOB_DIGITS}})-(\\d{1,3})(-od)?$`);

/** The identity in a name of this deployment; `undefined` for any other name, one of a longer prefix included. */
export function parseRunnerName(prefix: string, name: string): LaunchIdentity | undefined {
  if (!name.startsWith(`${prefix}-`)) return undefined;
  const match = IDENTITY.exec(name.slice(prefix.length + 1));
  if (match === null) return undefined;
  const [, repositoryId, jobId, generation, suffix] = match;
  return {
    repositoryId: Number(repositoryId),
    jobId: Number(jobId),
    generation: Number(generation),
    isFallback: suffix !== undefined,
  };
}
