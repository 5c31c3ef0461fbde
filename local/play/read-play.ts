import type { Policy } from '../../functions/core/job/policy.ts';
import type { World } from '../world/start-world.ts';
import { describeScenario } from './introduction.ts';
import { createScenario, play, type ScenarioOptions } from './scenario.ts';

/** What is played. */
export interface Play {
  /** A user's own workflows: each job is told of, and one that does not succeed is a fault. */
  readonly isOwn: boolean;
  /** Folder of repositories that jobs may check out. */
  readonly repositories?: string;
  /** In a sentence without its end. */
  describe(world: World): string;
  /** What people should know of it. */
  notes(world: World): readonly string[];
  /** Resolves when everything is queued that will be. */
  begin(world: World, tell: (line: string) => void): Promise<void>;
  close(): void;
}

export interface PlayOptions extends ScenarioOptions {
  readonly workflows?: string;
}

/** The workflows of a folder, or without one the scenario. Throws a CliError where they cannot be read. */
export async function readPlay({ workflows, ...options }: PlayOptions, policy: Policy): Promise<Play> {
  if (workflows === undefined)
    return {
      isOwn: false,
      describe: (world) => describeScenario(world, options),
      notes: (world) => notesOfDocker(world, options),
      begin: (world, tell) => play(world, createScenario(world, policy, options), tell),
      close: () => undefined,
    };
  // GitHub's parser takes half a second to load: nobody waits for it who does not use it.
  const { describeWorkflows, notesOf, playWorkflows, readOwnWorkflows } = await import('./play-workflows.ts');
  const own = await readOwnWorkflows(workflows, policy);
  return {
    isOwn: true,
    repositories: own.repositories,
    describe: () => describeWorkflows(own),
    notes: ({ runner }) => notesOf(own, runner !== undefined),
    begin: (world) => playWorkflows(world, own, options.random),
    close: own.remove,
  };
}

/** Why jobs were left out that were asked for. */
function notesOfDocker({ daemons }: World, { docker = false }: ScenarioOptions): string[] {
  const why = docker ? daemons.whyNone() : undefined;
  return why === undefined ? [] : [`Jobs with Docker are left out: ${why}.`];
}
