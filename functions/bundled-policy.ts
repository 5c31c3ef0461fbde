import type { Policy } from './core/policy.ts';

/** `runners.yml`, checked and put here as a constant by `scripts/build.ts`. */
declare const BUNDLED_POLICY: Policy;

export const bundledPolicy = (): Policy => BUNDLED_POLICY;
