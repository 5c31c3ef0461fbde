/** The options that every command has, and which of them the command line, a variable or `oneshot.yml` gave. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DeploymentChoice } from '../deployment.ts';
import type { StageContext } from './context-file.ts';
import { GITHUB_URL, PROFILE, REGION, type Rule, STAGE } from './rules.ts';

interface GlobalOptions extends StageContext {
  readonly stage: string;
  readonly local?: string;
  readonly json: boolean;
}

/** Adds them. What is given last in this order counts: default, `oneshot.yml`, environment, command line. */
export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(option('--stage <name>', 'stage of the deployment', STAGE).env('ONESHOT_STAGE').default('dev'))
    .addOption(option('--region <name>', 'AWS region (default: the profile’s)', REGION).env('AWS_REGION'))
    .addOption(
      option('--profile <name>', 'profile of ~/.aws/config that AWS is asked with', PROFILE).env(
        'AWS_PROFILE',
      ),
    )
    .addOption(
      option(
        '--github-url <url>',
        'a GitHub other than github.com, like https://acme.ghe.com',
        GITHUB_URL,
      ).env('ONESHOT_GITHUB_URL'),
    )
    .addOption(
      new Option('--local <url>', 'address of the embedded world, as `npm start` prints it').env(
        'ONESHOT_LOCAL',
      ),
    )
    .option('--json', 'print one JSON object and no other text', false);
}

const parserOf =
  ({ isValid, must, guess }: Rule) =>
  (text: string): string => {
    if (isValid(text)) return text;
    throw new InvalidArgumentError(`It must be ${must}${guess?.(text) ?? ''}.`);
  };

const option = (flags: string, description: string, rule: Rule): Option =>
  new Option(flags, description).argParser(parserOf(rule));

/** A stage as an argument. */
export const stageOf = parserOf(STAGE);

/** For `--help` and docs/commands.md. */
export const ORDER_WORDS =
  'The deployment is what the command line says, then the environment, then oneshot.yml in this folder (oneshot init and ' +
  'oneshot use write it), then the default. Credentials in the environment win over a profile of oneshot.yml.';

/** Where a value came from. None stands for what the SDK finds by itself. */
export type Origin = 'cli' | 'env' | 'config' | 'default' | undefined;
type Name = 'stage' | 'region' | 'profile' | 'githubUrl' | 'local';

/** A choice, and where each part of it came from. */
export interface Chosen {
  readonly choice: DeploymentChoice;
  readonly originOf: (name: Name) => Origin;
}

/** The choice as the options have it now. */
export function chosenBy(program: Command): Chosen {
  const { stage, region, profile, local, githubUrl } = program.opts<GlobalOptions>();
  return {
    choice: { stage, region, profile, local, githubUrl },
    originOf: (name) => program.getOptionValueSource(name) as Origin,
  };
}

/** What the command line itself names, to be written into `oneshot.yml`. */
export function namedIn(program: Command): StageContext & { readonly stage?: string } {
  const { originOf, choice } = chosenBy(program);
  const names = (['stage', 'region', 'profile', 'githubUrl'] as const).filter(
    (name) => originOf(name) === 'cli',
  );
  return Object.fromEntries(names.map((name) => [name, choice[name]]));
}
