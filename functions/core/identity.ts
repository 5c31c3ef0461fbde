/** Which launch of which job: a runner's name, a task's `startedBy` and the stem of its `clientToken`. */
export interface LaunchIdentity {
  readonly repositoryId: number;
  readonly jobId: number;
  /** 0 for the webhook's launch, then 1, 2, ... for those of reconcile. */
  readonly generation: number;
}

/** GitHub's limit on a runner's name and ECS's on a `clientToken`: 64 characters. */
const LONGEST_NAME = 64;
/** `-` + 16 digits, twice (ids up to Number.MAX_SAFE_INTEGER), and `-` + 3 digits, `-od` for the fallback's token. */
const LONGEST_SUFFIX = 2 * 17 + 4 + 3;
export const LONGEST_PREFIX = LONGEST_NAME - LONGEST_SUFFIX;

/** Letters, digits and single hyphens inside: what a runner's name, `startedBy` and `clientToken` all allow. */
export const PREFIX_PATTERN = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** `{prefix}-{repositoryId}-{jobId}-{generation}` (rule 1). The prefix is unique per deployment. */
export function runnerName(prefix: string, identity: LaunchIdentity): string {
  return `${prefix}-${identity.repositoryId}-${identity.jobId}-${identity.generation}`;
}

/** The identity in a name of this deployment; `undefined` for any other name, one of a longer prefix included. */
export function parseRunnerName(prefix: string, name: string): LaunchIdentity | undefined {
  if (!name.startsWith(`${prefix}-`)) return undefined;
  const match = /^(\d{1,16})-(\d{1,16})-(\d{1,3})$/.exec(name.slice(prefix.length + 1));
  if (match === null) return undefined;
  const [repositoryId, jobId, generation] = match.slice(1).map(Number) as [number, number, number];
  return { repositoryId, jobId, generation };
}
