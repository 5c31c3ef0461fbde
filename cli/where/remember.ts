import type { Command } from 'commander';
import type { DeploymentChoice } from '../deployment.ts';
import { CliError } from '../errors.ts';
import type { Output } from '../output.ts';
import { CONTEXT_FILE, keepStage, readContextFile, type StageContext, useStage } from './context-file.ts';
import { namedIn } from './global-options.ts';

/**
 * After a deployment: keeps how its stage is reached, if `oneshot.yml` does not know it yet. The deployment stands either
 * way, so a folder that cannot be written to is told and fails nothing.
 */
export async function remember(
  folder: string,
  { stage, region, profile, githubUrl }: DeploymentChoice & { readonly region: string },
  output: Output,
): Promise<void> {
  try {
    const before = await readContextFile(folder);
    if (before?.stages[stage] !== undefined) return;
    const kept = { region, profile, githubUrl };
    await keepStage(folder, stage, kept);
    const isMeant = (before?.stage ?? stage) === stage;
    output.tell(`wrote ${CONTEXT_FILE}: ${isMeant ? describeKept(stage, kept) : describeOther(stage, kept)}`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    output.tell(`not kept: ${error.message}`);
  }
}

/** Has commands in a folder mean a stage, reached as the command line says; returns all that is kept of it. Throws CliError. */
export async function useNamed(program: Command, stage: string, folder: string): Promise<StageContext> {
  const { stage: _, ...named } = namedIn(program);
  await useStage(folder, stage, named);
  return (await readContextFile(folder))?.stages[stage] ?? {};
}

const wordsOf = (kept: StageContext): string => Object.values(kept).filter(Boolean).join(', ');

export function describeKept(stage: string, kept: StageContext): string {
  const words = wordsOf(kept);
  return `commands in this folder mean the stage ${stage}${words && ` (${words})`}`;
}

const describeOther = (stage: string, kept: StageContext): string =>
  `--stage ${stage} means ${wordsOf(kept)}; oneshot use ${stage} makes it the one that is meant`;
