import type { Command } from 'commander';
import { regionOf } from './aws.ts';
import { connect, type Deployment, type DeploymentChoice } from './deployment.ts';
import { createOutput, type Output } from './output.ts';
import { PAINT } from './terminal.ts';
import { choose, describeWhere, type Where } from './where/choose.ts';
import { chosenBy } from './where/global-options.ts';
import { actAs, requireProfile } from './where/profile.ts';

/** What every command gets. */
export interface CliContext {
  readonly choice: DeploymentChoice;
  readonly output: Output;
  /** Connects at its first call, and says which deployment is meant where the command line does not name it. */
  connected(): Promise<Deployment>;
}

/** A command adds itself to the program. */
export type AddCommand = (program: Command, context: () => CliContext) => void;

const OFFLINE = new WeakSet<Command>();

/** For a command that asks no deployment: neither `oneshot.yml` nor a missing profile may stop it. */
export function worksOffline(command: Command): Command {
  OFFLINE.add(command);
  return command;
}

/** Throws CliError where `oneshot.yml` cannot be used or there is no such profile. */
export async function createContext(program: Command, command: Command): Promise<CliContext> {
  const where = OFFLINE.has(command)
    ? { ...chosenBy(program), kept: {} }
    : await choose(program, process.cwd(), process.env);
  const { profile, local } = where.choice;
  if (profile !== undefined && local === undefined && !OFFLINE.has(command))
    await takeProfile(where, profile);
  return contextOf(where, createOutput(program.opts()['json']));
}

async function takeProfile({ originOf }: Where, profile: string): Promise<void> {
  await requireProfile(profile);
  if (originOf('profile') !== 'env') actAs(profile, process.env);
}

function contextOf(where: Where, output: Output): CliContext {
  const { choice } = where;
  let kept: Promise<Deployment> | undefined;
  const announceAndConnect = async (): Promise<Deployment> => {
    const region = choice.local === undefined ? await regionOf(choice) : '';
    const words = describeWhere(where, region);
    if (words !== undefined) output.tell(PAINT.dim(words));
    return connect(choice);
  };
  return {
    choice,
    output,
    connected: () => {
      kept ??= announceAndConnect();
      return kept;
    },
  };
}
