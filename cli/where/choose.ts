/** Which deployment a command means: options and variables, and what `oneshot.yml` adds to them. */
import type { Command } from 'commander';
import { stackOf } from '../deployment.ts';
import { CONTEXT_FILE, type ContextFile, readContextFile, type StageContext } from './context-file.ts';
import { type Chosen, chosenBy, type Origin } from './global-options.ts';
import { hasCredentials } from './profile.ts';

export interface Where extends Chosen {
  /** What `oneshot.yml` says of the stage. */
  readonly kept: StageContext;
}

/** Throws CliError where `oneshot.yml` is there and cannot be used. */
export async function choose(program: Command, folder: string, env: NodeJS.ProcessEnv): Promise<Where> {
  if (chosenBy(program).choice.local !== undefined) return { ...chosenBy(program), kept: {} };
  const file = await readContextFile(folder);
  const kept = file === undefined ? {} : takeFrom(file, program, env);
  return { ...chosenBy(program), kept };
}

/** Sets the options that neither the command line nor the environment has set. */
function takeFrom({ stage, stages }: ContextFile, program: Command, env: NodeJS.ProcessEnv): StageContext {
  const offer = (name: string, value: string | undefined) => {
    const isOpen = [undefined, 'default'].includes(program.getOptionValueSource(name));
    if (isOpen && value !== undefined) program.setOptionValueWithSource(name, value, 'config');
  };
  offer('stage', stage);
  const kept = stages[program.opts()['stage']] ?? {};
  offer('region', kept.region);
  offer('githubUrl', kept.githubUrl);
  if (!hasCredentials(env)) offer('profile', kept.profile);
  return kept;
}

const VARIABLES = { stage: 'ONESHOT_STAGE', region: 'AWS_REGION', profile: 'AWS_PROFILE' };

/**
 * The deployment in a line, as `oneshot-prod in eu-central-1, profile acme (from oneshot.yml)`; `undefined` where the
 * command line names it. `region` is what the SDK found where nothing else says one.
 */
export function describeWhere({ choice, originOf, kept }: Where, region: string): string | undefined {
  if (choice.local !== undefined)
    return originOf('local') === 'cli'
      ? undefined
      : `the embedded world at ${choice.local} (from ONESHOT_LOCAL)`;
  const parts = [
    { text: stackOf(choice.stage), from: nameOf('stage', originOf('stage')) },
    {
      text: ` in ${region}`,
      from: nameOf('region', originOf('region')) + dissent(choice.region, kept.region),
    },
    ...(choice.profile === undefined
      ? []
      : [{ text: `, profile ${choice.profile}`, from: nameOf('profile', originOf('profile')) }]),
  ];
  const origins = new Set(parts.map(({ from }) => from));
  if (origins.size > 1) return parts.map(({ text, from }) => text + (from && ` (${from})`)).join('');
  const [origin] = origins;
  return origin === '' ? undefined : `${parts.map(({ text }) => text).join('')} (from ${origin})`;
}

/** Empty for what the command line named. */
function nameOf(name: keyof typeof VARIABLES, origin: Origin): string {
  if (origin === 'cli') return '';
  if (origin === 'env') return VARIABLES[name];
  if (origin === 'config') return CONTEXT_FILE;
  return origin === 'default' ? 'default' : 'AWS configuration';
}

/** Where the environment overrules the file: nobody may have meant that. */
const dissent = (used: string | undefined, kept: string | undefined): string =>
  kept === undefined || kept === used ? '' : `; ${CONTEXT_FILE} has ${kept}`;
