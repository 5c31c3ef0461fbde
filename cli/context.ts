import type { Command } from 'commander';
import type { Deployment, DeploymentChoice } from './deployment.ts';
import type { Output } from './output.ts';

/** What every command gets. */
export interface CliContext {
  readonly choice: DeploymentChoice;
  readonly output: Output;
  /** Connects at its first call. */
  connected(): Promise<Deployment>;
}

/** A command adds itself to the program. */
export type AddCommand = (program: Command, context: () => CliContext) => void;
