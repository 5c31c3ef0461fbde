import type { ActionsWorld } from '../actions-world.ts';
import type { Identifiers } from '../identifiers.ts';
import type { PollState } from '../types.ts';
import type { ServiceAddresses } from './addresses.ts';
import type { RunnerTokens } from './runner-tokens.ts';
import type { JobTokens } from './tokens.ts';

/** What the services of a runner work with. */
export interface ServiceParts {
  readonly world: ActionsWorld;
  readonly ids: Identifiers;
  readonly runnerTokens: RunnerTokens;
  readonly jobTokens: JobTokens;
  /** Known once the server listens. */
  readonly addresses: () => ServiceAddresses;
  /** The longest that a poll is held, in real milliseconds. */
  readonly pollMs: number;
  /** True while GitHub refuses the listener's version. */
  readonly deprecated: () => boolean;
  readonly polls?: ((listener: string, state: PollState) => void) | undefined;
}
