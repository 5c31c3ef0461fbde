import { ACCOUNT_CHECKS, ROOM_CHECKS } from './account-checks.ts';
import type { Check } from './checks.ts';
import { GITHUB_CHECKS } from './github-checks.ts';
import { LAUNCH_CHECKS } from './launch-checks.ts';
import { RECORD_CHECKS } from './record-checks.ts';
import { WEBHOOK_CHECKS } from './webhook-checks.ts';

/** Every link of the chain, causes before what they bring about: the first that is broken is to be mended first. */
export const CHECKS: readonly Check[] = [
  ...ACCOUNT_CHECKS,
  ...GITHUB_CHECKS,
  ...WEBHOOK_CHECKS,
  ...LAUNCH_CHECKS,
  ...ROOM_CHECKS,
  ...RECORD_CHECKS,
];
