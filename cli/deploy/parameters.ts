import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { ConfigurationError } from '../../functions/core/words/errors.ts';
import { asText, unknownParameters } from '../../infra/load-parameters.ts';
import { type Deployment, findProblems, type RawParameters } from '../../infra/parameters.ts';
import { CliError, EXIT } from '../errors.ts';
import { serviceRoot } from '../package-root.ts';

/** Beside `runners.yml`, if there is one: what each stage is deployed with, so that no deployment forgets it. */
export const PARAMETERS_FILE = 'parameters.yml';

/** Parameters by name, as text. */
export type Given = Readonly<Record<string, string>>;

/** `["network=private"]`, as it came from the command line. Throws CliError. */
export function parseParameters(items: readonly string[]): Given {
  return Object.fromEntries(
    items.map((item) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(item) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw new CliError(`--param ${item} has no value`, 'write it like --param network=private', EXIT.usage);
    }),
  );
}

/** The parameters of `parameters.yml`: its `default` for all stages, and over it the block of this one. Throws CliError. */
export async function readParametersFile(folder: string, stage: string): Promise<Given> {
  const file = path.join(folder, PARAMETERS_FILE);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw new CliError(`${file} cannot be read: ${cause.message}`, 'make it readable', EXIT.usage, cause);
  });
  return textsOf(blocksOf(parseFile(text), stage));
}

type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

const isMapping = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && !Array.isArray(value));

/** Blocks of parameters, by stage. What stands in none would be read by nobody, and the default deployed in its place. */
function parseFile(text: string): Blocks {
  const blocks = readYaml(text) ?? {};
  const strays = isMapping(blocks) ? Object.entries(blocks).filter(([, block]) => !isMapping(block)) : [''];
  if (strays.length === 0) return blocks as Blocks;
  const names = strays.map(([name]) => name).join(', ');
  throw new CliError(
    `${PARAMETERS_FILE}: ${names || 'it'} is in no block`,
    'put it below `default:`, or below the name of a stage',
    EXIT.usage,
  );
}

function readYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const { message } = cause as Error;
    throw new CliError(`${PARAMETERS_FILE} is not valid YAML: ${message}`, 'fix it there', EXIT.usage, cause);
  }
}

const blocksOf = (blocks: Blocks, stage: string): Record<string, unknown> => ({
  ...blocks['default'],
  ...blocks[stage],
});

/** As osls wants them: lists with commas, a mapping as JSON. */
const textsOf = (values: Readonly<Record<string, unknown>>): Given =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)]));

/** All parameters of a stage as they will be deployed: what is given, over the defaults of the service. */
export async function allParameters(given: Given, stage: string): Promise<RawParameters> {
  const service = await readFile(path.join(serviceRoot(), 'serverless.yml'), 'utf8');
  // `!GetAtt` and the like are osls's own: they do not matter here.
  const { params } = parse(service, { logLevel: 'silent' });
  return { ...textsOf(blocksOf(params, stage)), ...given } as RawParameters;
}

/** Throws CliError with all that is wrong with what is given, before AWS or osls is asked. */
export async function checkParameters(given: Given, stage: string, deployment: Deployment): Promise<void> {
  const raw = await allParameters(given, stage);
  const problems = [...unknownParameters(Object.keys(given)), ...findProblems(raw, deployment)];
  if (problems.length === 0) return;
  const { message } = new ConfigurationError('The deployment', problems);
  throw new CliError(
    message,
    `in ${PARAMETERS_FILE} or by --param; oneshot deploy --help lists them`,
    EXIT.usage,
  );
}
