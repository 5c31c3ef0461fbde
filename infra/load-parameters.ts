import { ConfigurationError } from '../functions/core/words/errors.ts';
import { didYouMean } from '../functions/did-you-mean.ts';
import {
  type Deployment,
  findProblems,
  PARAMETER_NAMES,
  type ParameterName,
  type RawParameters,
  readParameters,
} from './parameters.ts';
import { dockerRepositories } from './rules.ts';
import { type RunnerLimits, readRunnerLimits } from './runners.ts';
import { dockerdEnvironment, dockerTaskEnvironment, taskEnvironment } from './task-environment.ts';

/** What osls hands to a function that it loads (osls lib/configuration/variables/sources/file.js). */
export interface Resolver {
  readonly options: { readonly param?: readonly string[] };
  resolveVariable(address: string): Promise<unknown>;
  resolveConfigurationProperty(path: readonly string[]): Promise<unknown>;
}

/** The parameters of this deployment (from the command line, else the stage's, else the default), checked. */
export async function loadParameters(resolver: Resolver): Promise<ReturnType<typeof deploymentParameters>> {
  const [raw, deployment] = [await readRaw(resolver), await readDeployment(resolver)];
  const runners = problemsOf(() => readRunnerLimits('runners.yml'));
  const names = [...namesOnCommandLine(resolver), ...(await namesInFile(resolver))];
  const problems = [
    ...unknownParameters(names),
    ...findProblems(raw, deployment),
    ...dockerRepositories(raw.docker, runners.value?.docker.repositories ?? []),
    ...runners.problems,
  ];
  if (runners.value === undefined || problems.length > 0)
    throw new ConfigurationError('The deployment', problems);
  return deploymentParameters(raw, deployment.stack, runners.value);
}

/** What `self:custom.parameters` is in the templates. */
export function deploymentParameters(raw: RawParameters, stack: string, runners: RunnerLimits) {
  const parameters = readParameters(raw);
  const environment = taskEnvironment(stack, runners, raw, parameters);
  return {
    ...parameters,
    runners,
    taskEnvironment: environment,
    dockerTaskEnvironment: dockerTaskEnvironment(environment, parameters.dockerStorageGiB),
    dockerdEnvironment: dockerdEnvironment(environment),
  };
}

/** A parameter as text, whichever way it was given: a mapping as JSON, a list with commas. */
export const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? JSON.stringify(value)
    : String(value ?? '');

/** So that a bad runners.yml is reported together with bad parameters. */
function problemsOf<T>(read: () => T): { readonly value?: T; readonly problems: readonly string[] } {
  try {
    return { value: read(), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { problems: error.problems.map((problem) => `runners.yml: ${problem}`) };
  }
}

async function readRaw({ resolveVariable }: Resolver): Promise<RawParameters> {
  const read = async (name: ParameterName) =>
    [name, asText(await resolveVariable(`param:${name}, ''`))] as const;
  return Object.fromEntries(await Promise.all(PARAMETER_NAMES.map(read))) as Record<ParameterName, string>;
}

async function readDeployment({ resolveVariable }: Resolver): Promise<Deployment> {
  const [stack, region] = await Promise.all([
    resolveVariable('self:custom.stack'),
    resolveVariable('self:provider.region'),
  ]);
  return { stack: String(stack), region: String(region) };
}

/** A misspelt name would be ignored by osls, and the default deployed in its place. */
export function unknownParameters(names: readonly string[]): string[] {
  const known: readonly string[] = PARAMETER_NAMES;
  return [...new Set(names)]
    .filter((name) => !known.includes(name))
    .map(
      (name) =>
        `${name}: there is no such parameter${didYouMean(name, known) || `; there are ${known.join(', ')}`}`,
    );
}

const namesOnCommandLine = ({ options }: Resolver): string[] =>
  (options.param ?? []).map((item) => item.split('=')[0] ?? '');

async function namesInFile({ resolveConfigurationProperty }: Resolver): Promise<string[]> {
  const stages = await resolveConfigurationProperty(['params']);
  return Object.values(Object(stages)).flatMap((stage) => Object.keys(Object(stage)));
}
