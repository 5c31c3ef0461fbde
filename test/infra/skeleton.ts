import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { deploymentParameters } from '../../infra/load-parameters.ts';
import { type RunnerLimits, readRunnerLimits } from '../../infra/runners.ts';
import { ROOT } from './osls.ts';
import { packageService } from './package-service.ts';
import { at, type Template } from './template.ts';
import { parametersWith } from './variants.ts';

/**
 * The service packaged once, with marks where osls puts parameters. With the marks replaced it is the template that
 * osls would have packaged, in a hundredth of the time: which is how every combination of parameters can be looked
 * at. That it is the same, combinations.test.ts shows for each of VARIANTS.
 */
export async function packageSkeleton(): Promise<
  (changes: Parameters<typeof parametersWith>[0], runners?: Partial<RunnerLimits>) => Template
> {
  const { template } = await packageService({ loader: loaderOf(await addresses()) });
  return (changes, runners = {}) => {
    const deployment = deploymentWith(changes);
    const filled = fill(template, {
      ...deployment,
      runners: { ...deployment.runners, ...runners },
    }) as Template;
    return deployment.weeklySummary === 'enabled' ? filled : withoutSummary(filled);
  };
}

/** As infra/account-plugin.js leaves the function out; what is in infra/ stays, under its condition. */
function withoutSummary({ Resources, ...rest }: Template): Template {
  const isLeft = (name: string) => !name.startsWith('Summary') || /^Summary(Role|Alarm)$/.test(name);
  return {
    ...rest,
    Resources: Object.fromEntries(Object.entries(Resources).filter(([name]) => isLeft(name))),
  };
}

/** What `self:custom.parameters` is in a deployment. */
const deploymentWith = (changes: Parameters<typeof parametersWith>[0]) =>
  deploymentParameters(
    parametersWith(changes),
    'oneshot-dev',
    readRunnerLimits(path.join(ROOT, 'runners.yml')),
  );

const FILES = [
  'serverless.yml',
  ...[
    'network',
    'cluster',
    'docker',
    'iam',
    'image',
    'api',
    'queue',
    'observability',
    'cache',
    'summary',
    'about',
  ].map((name) => `infra/${name}.yml`),
];

/** Of the parameters that the templates use: `network`, `endpoints.kms`. */
async function addresses(): Promise<readonly string[]> {
  const texts = await Promise.all(
    FILES.map((file) => readFile(path.join(ROOT, file), 'utf8').catch(() => '')),
  );
  const found = texts.join('').matchAll(/\$\{self:custom\.parameters\.([\w.]+)\}/g);
  return [...new Set([...found].map(([, address = '']) => address))];
}

/** Instead of infra/load.js: each parameter is a mark, but for those that osls itself looks at. */
function loaderOf(found: readonly string[]): string {
  const marks: Record<string, unknown> = {};
  for (const address of found) put(marks, address.split('.'), mark(address));
  const { logRetentionDays, runners } = deploymentWith({});
  marks['logRetentionDays'] = logRetentionDays;
  put(marks, ['runners', 'functionArchitecture'], runners.functionArchitecture);
  return `import { loadEntrypoint } from './entrypoint.ts';
import { loadBuildspec } from './image-files.ts';
import { loadDashboard } from './dashboard.ts';
import { VERSION } from './version.ts';
export const dashboard = loadDashboard;
export const entrypoint = () => loadEntrypoint('image/entrypoint.sh');
export const buildspec = () => loadBuildspec('image');
export const version = () => VERSION;
export const parameters = () => (${JSON.stringify(marks)});
`;
}

const mark = (address: string): string => `<<${address}>>`;

function put(into: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = (into[key] ?? {}) as Record<string, unknown>;
  into[key] = inner;
  put(inner, rest, value);
}

/** As osls does: a text that is all mark becomes the value, whatever its type; a mark within one becomes text. */
function fill(value: unknown, parameters: object): unknown {
  if (typeof value === 'string') return fillText(value, parameters);
  if (Array.isArray(value)) return value.map((item) => fill(item, parameters));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, parameters)]));
}

function fillText(text: string, parameters: object): unknown {
  const whole = /^<<([\w.]+)>>$/.exec(text)?.[1];
  if (whole !== undefined) return at(parameters, ...whole.split('.'));
  return text.replaceAll(/<<([\w.]+)>>/g, (_, address: string) =>
    String(at(parameters, ...address.split('.'))),
  );
}
