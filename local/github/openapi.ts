/**
 * GitHub's own description of what it answers and sends, and validators made of it. The JSON files are
 * extracted by scripts/vendor-openapi.ts from @octokit/openapi and @octokit/openapi-webhooks.
 */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';

type Schema = Record<string, unknown>;

export interface OperationDescription {
  readonly id: string;
  readonly method: string;
  /** With GitHub's placeholders: `/orgs/{org}/installation`. */
  readonly path: string;
  readonly request: Schema | null;
  /** By status; null for an answer without a body. */
  readonly responses: Readonly<Record<string, Schema | null>>;
}

interface Vendored {
  readonly from: string;
  readonly operations?: Record<string, Omit<OperationDescription, 'id'>>;
  readonly webhooks?: Record<string, Schema>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

const load = (file: string): Vendored =>
  JSON.parse(readFileSync(new URL(`./schema/${file}`, import.meta.url), 'utf8'));

// The package is CommonJS with a `default` that TypeScript sees as the module itself.
const addFormats = addFormatsModule as unknown as (ajv: Ajv) => void;

/** Compiles on first use: a short run of the world touches few of the operations. */
class Validators {
  readonly #ajv = new Ajv({ strict: false, logger: false, allErrors: true });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(vendored: Vendored) {
    addFormats(this.#ajv);
    this.#ajv.addSchema({ $id: 'github', components: vendored.components });
  }

  /** What does not fit, in one line; null when it fits. */
  problem(key: string, schema: Schema, value: unknown): string | null {
    const known = this.#compiled.get(key);
    const validate = known ?? this.#ajv.compile(pointed(schema));
    if (known === undefined) this.#compiled.set(key, validate);
    return validate(value) ? null : this.#ajv.errorsText(validate.errors, { dataVar: 'body' });
  }
}

/** References point into the document that holds the components. */
function pointed(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"github#/components/'));
}

/** The operations and webhooks of GitHub that this world knows. */
export interface GitHubDescription {
  readonly operations: readonly OperationDescription[];
  /** Why an answer is none that GitHub gives to this operation; null when it is one. */
  responseProblem(operation: OperationDescription, status: number, body: unknown): string | null;
  requestProblem(operation: OperationDescription, body: unknown): string | null;
  /** Why a payload is none that GitHub sends; `webhook` is `ping` or `workflow-job-queued` and so on. */
  webhookProblem(webhook: string, payload: unknown): string | null;
}

/** Errors that any operation may give and that the description does not list for each. */
const ERROR: Schema = {
  type: 'object',
  required: ['message', 'documentation_url', 'status'],
  properties: {
    message: { type: 'string' },
    documentation_url: { type: 'string' },
    status: { type: 'string' },
  },
};

/** What a redirect tells (docs.github.com, Best practices for using the REST API, "Follow redirects"). */
const MOVED: Schema = { ...ERROR, required: ['message', 'url', 'documentation_url'] };
/** Answers that any operation may give and that the description lists for few. */
const UNLISTED: Readonly<Record<number, Schema>> = { 301: MOVED, 307: MOVED };

let loaded: GitHubDescription | undefined;

/** Read and compiled once in a process. */
export function loadDescription(): GitHubDescription {
  loaded ??= describe();
  return loaded;
}

function describe(): GitHubDescription {
  const rest = load('rest.json');
  const hooks = load('webhooks.json');
  const restValidators = new Validators(rest);
  const hookValidators = new Validators(hooks);
  const described = Object.entries(rest.operations ?? {}).map(([id, operation]) => ({ id, ...operation }));
  return {
    operations: [...described, ...UNDESCRIBED],
    responseProblem(operation, status, body) {
      const schema =
        operation.responses[`${status}`] ?? UNLISTED[status] ?? (status >= 400 ? ERROR : undefined);
      const empty = status === 304 || (operation.responses[`${status}`] === null && status < 400);
      if (empty) return body === null ? null : `${status} of ${operation.id} has no body`;
      if (schema === undefined) return `${operation.id} never answers ${status}`;
      return restValidators.problem(`${operation.id}/${status}`, schema, body);
    },
    requestProblem: (operation, body) =>
      operation.request === null
        ? null
        : restValidators.problem(`${operation.id}/request`, operation.request, body),
    webhookProblem(webhook, payload) {
      const schema = hooks.webhooks?.[webhook];
      return schema === undefined
        ? `GitHub sends no ${webhook}`
        : hookValidators.problem(webhook, schema, payload);
    },
  };
}

/** Not in the vendored description yet (GH-29). */
const DEPRECATION: Schema = {
  type: 'object',
  required: ['version', 'runtime_deprecates_at'],
  properties: { version: { type: 'string' }, runtime_deprecates_at: { type: ['string', 'null'] } },
};

const UNDESCRIBED: readonly OperationDescription[] = ['/orgs/{org}', '/repos/{owner}/{repo}'].map(
  (scope) => ({
    id: `actions/get-runner-deprecation-for-${scope.startsWith('/orgs') ? 'org' : 'repo'}`,
    method: 'GET',
    path: `${scope}/actions/runners/deprecations/{version}`,
    request: null,
    responses: { '200': DEPRECATION },
  }),
);
