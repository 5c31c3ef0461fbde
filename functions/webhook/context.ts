import type { JobEvent } from '../core/job/events.ts';
import type { Policy } from '../core/job/policy.ts';
import type { Launch, NoLaunch } from '../core/plan/decide-launch.ts';
import type { LaunchPorts, LookPorts, MarkPorts } from '../core/ports.ts';
import type { LaunchOutcome } from '../core/words/outcomes.ts';
import type { Reason } from '../core/words/reasons.ts';
import type { Cooling } from './cooling.ts';

export interface ReceivePorts {
  /** Whether the signature is that of the raw body under one of our secrets. */
  verifySignature(body: string, signature: string): Promise<boolean>;
  /** Loaded for the deliveries that launch, and for no other. */
  launching(): Promise<LaunchPorts>;
  /** Loaded for those about which the delivery alone does not say enough. */
  looking(): Promise<LookPorts>;
  /** Loaded for those that mark a task or raise a doubt. */
  settling(): Promise<MarkPorts>;
}

export interface ReceiveContext {
  readonly policy: Policy;
  readonly prefix: string;
  readonly nowMs: number;
  /** Aborted when the function's own deadline has come: what is left then becomes a doubt. */
  readonly signal: AbortSignal;
  readonly cooling: Cooling;
}

/** What is answered to GitHub, where people read it in the delivery log, and what is logged. No secret in either. */
export interface Answer {
  readonly status: 200 | 202 | 400 | 401 | 413 | 503;
  readonly message: string;
  readonly reason?: Reason;
  readonly decision?: Launch | NoLaunch;
  readonly outcome?: LaunchOutcome;
  /** The job that it was about, whatever was decided: the log's record of a job's life. */
  readonly event?: JobEvent;
  /** A job that began on one of our runners. */
  readonly marked?: JobEvent;
}
