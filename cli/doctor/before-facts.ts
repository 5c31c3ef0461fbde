import type { AccountFacts } from './facts.ts';
import type { QuotaName } from './quotas.ts';
import type { Look } from './read.ts';

/** What is looked at before a stage is deployed, as data. */
export interface BeforeFacts extends Pick<AccountFacts, 'identity' | 'concurrency'> {
  readonly region: string;
  readonly wanted: Wanted;
  /** The stage's stack; `undefined` where there is none. A deployment that failed leaves one in which nothing was made. */
  readonly stack: Look<{ readonly status: string; readonly isMade: boolean } | undefined>;
  readonly quotas: Readonly<Record<QuotaName, Look<number>>>;
  /** How many the region has, those of the stack included. */
  readonly vpcs: Look<number>;
  readonly addresses: Look<number>;
  /** VPCs of the region in which GuardDuty keeps an endpoint. */
  readonly watchedVpcs: Look<number>;
}

/** What the deployment needs room for, by its parameters and `runners.yml`. */
export interface Wanted {
  /** `private`, `public` or `existing`. */
  readonly network: string;
  readonly vpcs: number;
  readonly addresses: number;
  readonly hasPipeline: boolean;
  readonly usesSpot: boolean;
  /** Of the largest task that may be asked for. */
  readonly largestVcpu: number;
}
