import type { Policy } from '../core/job/policy.ts';
import type { Reporter } from '../log.ts';

/** What a report needs to know of the deployment. */
export interface Reporting {
  readonly prefix: string;
  readonly policy: Policy;
  /** Where the App's parameters are. */
  readonly parameterPath: string;
  readonly reporter: Reporter;
}
