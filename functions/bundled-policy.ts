import type { Policy } from './core/policy.ts';

/** `runners.yml`, checked: the first line of a bundle (scripts/policy-line.ts). */
declare const BUNDLED_POLICY: Policy;

export const bundledPolicy = (): Policy => BUNDLED_POLICY;
