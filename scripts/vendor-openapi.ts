/**
 * Extracts from GitHub's own descriptions the few operations and webhooks that the embedded world speaks, as
 * plain JSON Schema, into local/github/schema/. Run by hand, `npm run vendor`: it fetches the newest descriptions, which
 * are 420 MB and so no dependencies of a checkout.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** The operations that the embedded GitHub serves: this list and the handlers in local/github/rest agree. */
const OPERATIONS = [
  'apps/get-authenticated',
  'apps/create-from-manifest',
  'apps/get-webhook-config-for-app',
  'apps/update-webhook-config-for-app',
  'apps/list-webhook-deliveries',
  'apps/get-webhook-delivery',
  'apps/redeliver-webhook-delivery',
  'apps/list-installations',
  'apps/get-installation',
  'apps/create-installation-access-token',
  'apps/list-repos-accessible-to-installation',
  'apps/get-org-installation',
  'apps/get-repo-installation',
  'apps/get-user-installation',
  'actions/list-self-hosted-runners-for-org',
  'actions/list-self-hosted-runners-for-repo',
  'actions/generate-runner-jitconfig-for-org',
  'actions/generate-runner-jitconfig-for-repo',
  'actions/get-self-hosted-runner-for-org',
  'actions/get-self-hosted-runner-for-repo',
  'actions/delete-self-hosted-runner-from-org',
  'actions/delete-self-hosted-runner-from-repo',
  'actions/list-self-hosted-runner-groups-for-org',
  'actions/get-self-hosted-runner-group-for-org',
  'actions/list-repo-access-to-self-hosted-runner-group-in-org',
  'actions/get-job-for-workflow-run',
  'actions/download-job-logs-for-workflow-run',
  'actions/list-jobs-for-workflow-run',
  'actions/list-workflow-runs-for-repo',
  'actions/get-workflow-run',
  'actions/re-run-job-for-workflow-run',
  'actions/re-run-workflow-failed-jobs',
  'repos/list-deployments',
  'repos/list-deployment-statuses',
];

/**
 * Where the description contradicts itself: list-installations wants each account to be a user *and* an
 * enterprise (`allOf`), get-installation, of the same object, a user *or* an enterprise (`anyOf`).
 */
const CORRECTIONS: Readonly<Record<string, JsonObject>> = {
  'apps/list-installations': {
    '200': { type: 'array', items: { $ref: '#/components/schemas/installation' } },
  },
};

const WEBHOOKS = [
  'ping',
  'workflow-job-queued',
  'workflow-job-waiting',
  'workflow-job-in-progress',
  'workflow-job-completed',
];

/** Keywords that say nothing to a validator. */
const PROSE = new Set([
  'description',
  'example',
  'examples',
  'title',
  'externalDocs',
  'deprecated',
  'default',
  'x-github-breaking-changes',
  'x-multi-segment',
]);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** OpenAPI 3.0's `nullable` as JSON Schema says it: a type more, and a member more of an enum. */
function withoutNullable(schema: JsonObject): JsonObject {
  const { nullable, ...rest } = schema;
  if (nullable !== true) return rest;
  if (typeof rest['type'] !== 'string') return { anyOf: [rest, { type: 'null' }] };
  const values = rest['enum'];
  const nullableEnum = Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {};
  return { ...rest, ...nullableEnum, type: [rest['type'], 'null'] };
}

/** A schema without prose. `names` is true where the keys are names of properties and not keywords. */
function strip(value: Json, names = false): Json {
  if (Array.isArray(value)) return value.map((item) => strip(item));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => names || !PROSE.has(key));
  const stripped = Object.fromEntries(
    kept.map(([key, child]) => [
      key,
      key === 'enum' || key === 'required' ? child : strip(child, !names && key === 'properties'),
    ]),
  );
  return names ? stripped : withoutNullable(stripped);
}

function* references(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* references(item);
  if (!isObject(value)) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') yield child;
    else yield* references(child);
  }
}

const SCHEMA_PREFIX = '#/components/schemas/';

/** The component schemas that `roots` need, and those that these need. */
function closure(roots: Json, components: JsonObject): JsonObject {
  const found: JsonObject = {};
  const visit = (value: Json) => {
    for (const reference of references(value)) {
      const name = reference.slice(SCHEMA_PREFIX.length);
      const schema = components[name];
      if (found[name] !== undefined || schema === undefined) continue;
      found[name] = strip(schema);
      visit(found[name]);
    }
  };
  visit(roots);
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a.localeCompare(b)));
}

const at = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((node, key) => (isObject(node) ? node[key] : undefined), value);

function resolve(document: JsonObject, value: Json | undefined): Json | undefined {
  const reference = at(value, '$ref');
  return typeof reference === 'string' ? at(document, ...reference.slice(2).split('/')) : value;
}

const bodySchema = (document: JsonObject, holder: Json | undefined): Json | null =>
  strip(at(resolve(document, holder), 'content', 'application/json', 'schema') ?? null);

function describeOperation(
  document: JsonObject,
  method: string,
  path: string,
  operation: JsonObject,
  corrections: JsonObject,
): Json {
  const responses = Object.entries(operation['responses'] ?? {});
  return {
    method: method.toUpperCase(),
    path,
    request: bodySchema(document, operation['requestBody']),
    responses: {
      ...Object.fromEntries(responses.map(([status, body]) => [status, bodySchema(document, body)])),
      ...corrections,
    },
  };
}

function extractOperations(document: JsonObject): JsonObject {
  const found: JsonObject = {};
  for (const [path, methods] of Object.entries(document['paths'] ?? {})) {
    for (const [method, operation] of Object.entries(isObject(methods) ? methods : {})) {
      const id = at(operation, 'operationId');
      if (typeof id !== 'string' || !OPERATIONS.includes(id) || !isObject(operation)) continue;
      found[id] = describeOperation(document, method, path, operation, CORRECTIONS[id] ?? {});
    }
  }
  const missing = OPERATIONS.filter((id) => found[id] === undefined);
  if (missing.length > 0) throw new Error(`GitHub's description has no ${missing.join(', ')}`);
  return found;
}

function extractWebhooks(document: JsonObject): JsonObject {
  const entries = WEBHOOKS.map((name): [string, Json] => {
    const schema = bodySchema(document, at(document, 'webhooks', name, 'post', 'requestBody'));
    if (schema === null) throw new Error(`GitHub's description has no webhook ${name}`);
    return [name, schema];
  });
  return Object.fromEntries(entries);
}

interface Source {
  document: JsonObject;
  from: string;
}

/** The newest description of a package, which is fetched for this and removed again. */
function fetchNewest(packageName: string): Source {
  const root = mkdtempSync(join(tmpdir(), 'oneshot-vendor-'));
  try {
    execFileSync('npm', ['install', '--prefix', root, '--ignore-scripts', packageName], { stdio: 'inherit' });
    return load(join(root, 'node_modules', packageName), packageName);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function load(folder: string, packageName: string): Source {
  const read = (file: string): JsonObject => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const document = read('generated/api.github.com.json');
  return { document, from: `${packageName} ${String(read('package.json')['version'])}` };
}

function write(file: string, source: Source, name: string, entries: JsonObject): void {
  const components = at(source.document, 'components', 'schemas');
  const schemas = closure(entries, isObject(components) ? components : {});
  const text = JSON.stringify({ from: source.from, [name]: entries, components: { schemas } });
  const target = fileURLToPath(new URL(`../local/github/schema/${file}`, import.meta.url));
  writeFileSync(target, `${text}\n`);
  console.log(`${file}: ${Object.keys(entries).length} ${name}, ${Math.round(text.length / 1024)} KB`);
}

const rest = fetchNewest('@octokit/openapi');
write('rest.json', rest, 'operations', extractOperations(rest.document));
const webhooks = fetchNewest('@octokit/openapi-webhooks');
write('webhooks.json', webhooks, 'webhooks', extractWebhooks(webhooks.document));
