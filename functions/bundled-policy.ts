import type { Policy } from './core/job/policy.ts';

/** `runners.yml`, checked: the first line of a bundle (scripts/policy-line.ts). */
declare const BUNDLED_POLICY: Policy;

export const bundledPolicy = (): Policy => BUNDLED_POLICY;
