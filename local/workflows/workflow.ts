/** A workflow as plain data: what GitHub needs of it, and what its jobs' messages carry. */
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import type { JobDefinition, Token } from '../github/service/definition.ts';
import { conditionOf, stepsOf } from './steps.ts';
import { placeOf } from './template.ts';
import { given, listOf, mappingOf, wire } from './tokens.ts';

export interface Workflow {
  /** `.github/workflows/ci.yml` */
  readonly file: string;
  /** Its `name`; without one its file, as at GitHub. */
  readonly name: string;
  readonly jobs: readonly JobTemplate[];
  /** What it asks for and this world does not do: `concurrency`. */
  readonly ignored: readonly string[];
}

/** A job as it stands in the file: one job, or those of a matrix. */
export interface JobTemplate {
  readonly key: string;
  /** Keys of jobs. */
  readonly needs: readonly string[];
  /** Whole, without `${{ }}`. */
  readonly condition: string;
  readonly name?: Token;
  readonly runsOn: Token;
  readonly strategy?: Token;
  readonly continueOnError?: Token;
  readonly timeoutMinutes?: Token;
  readonly environmentName?: Token;
  /** What the runner evaluates by itself. */
  readonly definition: JobDefinition;
  /** Where it stands in the file. */
  readonly place: { readonly line?: number; readonly column?: number };
  readonly ignored: readonly string[];
}

const IGNORED = ['concurrency', 'cancel-timeout-minutes'];

export function workflowOf(file: string, root: MappingToken): Workflow {
  const name = root.find('name');
  return {
    file,
    name: name === undefined ? file : String(name),
    jobs: [...mappingOf(root.find('jobs'))].map(({ key, value }) => jobOf(root, key, mappingOf(value))),
    ignored: IGNORED.filter((key) => root.find(key) !== undefined),
  };
}

function jobOf(workflow: MappingToken, id: TemplateToken, job: MappingToken): JobTemplate {
  const key = String(id);
  const environment = job.find('environment');
  return {
    key,
    needs: listOf(job.find('needs')).map(String),
    condition: conditionOf(job.find('if')),
    ...given('name', wire(job.find('name'))),
    runsOn: wire(job.find('runs-on')) ?? null,
    ...given('strategy', wire(job.find('strategy'))),
    ...given('continueOnError', wire(job.find('continue-on-error'))),
    ...given('timeoutMinutes', wire(job.find('timeout-minutes'))),
    ...given('environmentName', wire(mappingOf(environment).find('name') ?? environment)),
    definition: definitionOf(workflow, key, job),
    place: placeOf(id),
    ignored: IGNORED.filter((name) => job.find(name) !== undefined),
  };
}

function definitionOf(workflow: MappingToken, key: string, job: MappingToken): JobDefinition {
  const both = (name: string): Token[] =>
    [workflow, job].flatMap((one) => one.find(name) ?? []).map((token) => wire(token));
  return {
    key,
    steps: stepsOf(job.find('steps')),
    ...given('environment', both('env')),
    ...given('defaults', both('defaults')),
    ...given('container', wire(job.find('container'))),
    ...given('services', wire(job.find('services'))),
    ...given('outputs', wire(job.find('outputs'))),
    ...given('permissions', permissionsOf(job.find('permissions') ?? workflow.find('permissions'))),
  };
}

type Permissions = NonNullable<JobDefinition['permissions']>;

/** Undefined where nobody says: GitHub's default, which has no ID token. */
function permissionsOf(token: TemplateToken | undefined): Permissions | undefined {
  if (token === undefined) return undefined;
  if (token.isScalar) return String(token) === 'write-all' ? eachScope('write') : eachScope('read');
  // The parser lets no other level through.
  return Object.fromEntries(
    [...mappingOf(token)].map(({ key, value }) => [String(key), String(value)]),
  ) as Permissions;
}

/** Those that a job here can use: its repository, and ID tokens, which cannot be read. */
const eachScope = (level: 'read' | 'write'): Permissions => ({
  contents: level,
  'id-token': level === 'write' ? 'write' : 'none',
});
