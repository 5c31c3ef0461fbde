import type { Journal } from './journal.ts';
import type { StandInScript } from './script.ts';
import type { ActionsService } from './service.ts';
import type { RunningWorker } from './worker.ts';

/** One listener's run: what it was told, and how far it is. */
export interface Context {
  readonly root: string;
  /** Undefined where it works for a real service. */
  readonly script: StandInScript | undefined;
  readonly journal: Journal;
  /** Ends the poll that waits. */
  readonly polling: AbortController;
  isInterrupted: boolean;
  /** By SIGTERM. */
  isTerminated?: boolean;
  hasSession?: boolean;
  /** Its registration was removed while its job ran. */
  isGone?: boolean;
  hasTriedAgain?: boolean;
  worker?: RunningWorker;
}

export type ServedContext = Context & { readonly service: ActionsService };
