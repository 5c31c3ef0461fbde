import type { GitHubFault } from './errors.ts';

/**
 * What came of a call that may or may not have happened. A refusal is firm only if it is explicit and came on
 * the first attempt (rule 5); everything else is unknown.
 */
export type RefusalKind =
  | 'primary-limit'
  | 'secondary-limit'
  | 'throttled'
  | 'no-capacity'
  /** The subnets have no free address. */
  | 'no-address'
  /** A Fargate quota of the account: vCPUs, or in old accounts tasks. */
  | 'vcpu-quota'
  | 'not-permitted'
  | 'not-found'
  | 'invalid-request';

export interface Refusal {
  readonly kind: 'refused';
  readonly refusal: RefusalKind;
  /** For people: the service's own words. Never a secret. */
  readonly detail: string;
  /** How long the service asks to be left alone, where it says so. */
  readonly retryAfterSeconds?: number;
  /** What has to be corrected, where GitHub's answer tells. */
  readonly fault?: GitHubFault;
}

export interface Unknown {
  readonly kind: 'unknown';
  readonly detail: string;
}

export type JitConfigOutcome =
  | { readonly kind: 'created'; readonly runnerId: number; readonly encodedJitConfig: string }
  /** 409: a runner of that name is registered. Nothing is to be removed (rule 4). */
  | { readonly kind: 'taken' }
  | Refusal
  | Unknown;

export type SealOutcome = { readonly kind: 'sealed'; readonly sealedConfig: string } | Refusal | Unknown;

export type RunTaskOutcome =
  | { readonly kind: 'started'; readonly taskArn: string }
  /** ConflictException: the name has had its RunTask; no second one is started under it (rule 8). */
  | { readonly kind: 'taken' }
  | Refusal
  | Unknown;

/** What came of starting a run again. GitHub makes a new attempt of it, so an unknown outcome is found out by its number. */
export type RerunOutcome = { readonly kind: 'started-again' } | Refusal | Unknown;

export type LaunchStep = 'jit-config' | 'seal' | 'run-task';

/** What came of one launch. */
export type LaunchOutcome =
  | {
      readonly kind: 'launched';
      readonly runnerName: string;
      readonly runnerId: number;
      readonly taskArn: string;
      /** True where Spot was asked for, had no capacity, and on-demand was started (rule 6). */
      readonly fellBack: boolean;
    }
  | { readonly kind: 'taken'; readonly runnerName: string; readonly step: LaunchStep }
  | (Refusal & { readonly runnerName: string; readonly step: LaunchStep })
  | (Unknown & { readonly runnerName: string; readonly step: LaunchStep });

const LASTING: ReadonlySet<RefusalKind> = new Set<RefusalKind>([
  'not-permitted',
  'not-found',
  'invalid-request',
]);

/** A refusal that no waiting cures: somebody has to correct something. */
export const isLasting = (outcome: LaunchOutcome | RerunOutcome): boolean =>
  outcome.kind === 'refused' && LASTING.has(outcome.refusal);
