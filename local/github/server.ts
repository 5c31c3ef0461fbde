/** The REST API: each call is a matter of faults, credentials, limits, work, and a check of the answer. */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { Ledger } from '../world/ledger.ts';
import { ApiError, notFound } from './api-error.ts';
import type { GitHubDescription, OperationDescription } from './openapi.ts';
import { type RateLimiter, secondaryLimit } from './rate-limit.ts';
import { checked, refusal, respond } from './rest/answers.ts';
import { appHandlers, permits } from './rest/apps.ts';
import {
  type ApiAnswer,
  type ApiRequest,
  type Handler,
  type Handlers,
  type RestContext,
  scopeOf,
} from './rest/context.ts';
import { hookHandlers } from './rest/hooks.ts';
import { manifestHandlers } from './rest/manifests.ts';
import { runnerHandlers } from './rest/runners.ts';
import { runHandlers } from './rest/runs.ts';

const HANDLERS: Handlers = {
  ...appHandlers,
  ...manifestHandlers,
  ...hookHandlers,
  ...runnerHandlers,
  ...runHandlers,
};

/** A fault's answer is late by so much, in world time. */
const LATENCY_MS = 1_500;

export interface RestOptions {
  readonly context: RestContext;
  readonly description: GitHubDescription;
  readonly limiter: RateLimiter;
  readonly ledger: Ledger;
}

type Env = { Bindings: HttpBindings };

export function createRestApi(options: RestOptions): Hono<Env> {
  const api = new Hono<Env>();
  for (const operation of options.description.operations) {
    const handler = HANDLERS[operation.id];
    if (handler === undefined) throw new Error(`No handler for GitHub's ${operation.id}`);
    const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
    api.on(operation.method, path, (c) => serve(options, operation, handler, c));
  }
  api.all('*', () => {
    options.ledger.record({ api: 'github', operation: 'unknown', status: 404 });
    return respond(options.context, refusal(notFound()));
  });
  return api;
}

async function serve(
  options: RestOptions,
  operation: OperationDescription,
  handler: Handler,
  c: Context<Env>,
) {
  const { context, ledger } = options;
  const answer = checked(options.description, operation, await answerTo(options, operation, handler, c));
  ledger.record({ api: 'github', operation: operation.id, status: answer.status });
  if (answer.status < 400 && context.faults.strikes('github-lost-answer')) {
    c.env.outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return respond(options.context, answer);
}

async function answerTo(
  options: RestOptions,
  operation: OperationDescription,
  handler: Handler,
  c: Context<Env>,
) {
  try {
    const struck = await strike(options, operation);
    return struck ?? (await admitted(options, operation, handler, c));
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return refusal(new ApiError(500, `The embedded GitHub failed: ${message}`));
  }
}

/** The faults that keep the call from being looked at. */
async function strike(
  { context, limiter }: RestOptions,
  operation: OperationDescription,
): Promise<ApiAnswer | undefined> {
  const { faults, clock, ids } = context;
  if (faults.strikes('github-latency')) await clock.sleep(LATENCY_MS);
  if (faults.strikes('github-5xx')) return refusal(new ApiError(502, 'Server Error'));
  if (faults.strikes('github-secondary-limit')) throw secondaryLimit(60_000);
  if (faults.strikes('github-primary-limit')) throw limiter.primaryLimit(`ID ${ids.hex(6)}`, operation.id);
  return undefined;
}

async function admitted(
  options: RestOptions,
  operation: OperationDescription,
  handler: Handler,
  c: Context<Env>,
) {
  const request = await authenticated(options, operation, c);
  const { org, owner, repo } = request.params;
  const scope = org ?? `${owner}/${repo}`;
  const caller = callerOf(request);
  const charge = { caller, operation: operation.id, method: operation.method, scope };
  const admission = options.limiter.admit(charge);
  try {
    const answer = await worked(options, handler, request);
    return { ...answer, headers: { ...admission.headers, ...answer.headers } };
  } finally {
    admission.release();
  }
}

const callerOf = ({ grant }: ApiRequest): string =>
  grant === undefined ? 'the app' : `installation ID ${grant.installation.id}`;

const namesScope = ({ params }: ApiRequest): boolean => 'org' in params || 'owner' in params;

async function worked(options: RestOptions, handler: Handler, request: ApiRequest): Promise<ApiAnswer> {
  try {
    // What the caller may not see is not there, whatever else is wrong with the call.
    if (request.grant !== undefined && namesScope(request)) scopeOf(request);
    checkPermission(request);
    const problem = options.description.requestProblem(request.operation, request.body);
    if (problem !== null) throw new ApiError(422, `Invalid request.\n\n${problem}`);
    return await handler(request, options.context);
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    throw error;
  }
}

/** A code in the path is all that these want. */
const isOpen = ({ path }: OperationDescription): boolean => path.startsWith('/app-manifests/');

/** The App itself is asked for what concerns the App; everything else is an installation's. */
const forApp = ({ path }: OperationDescription): boolean =>
  path === '/app' || path.startsWith('/app/') || path.endsWith('/installation');

async function authenticated({ context }: RestOptions, operation: OperationDescription, c: Context<Env>) {
  const authorization = c.req.header('authorization');
  if (forApp(operation)) context.auth.verifyApp(authorization);
  const hasGrant = !forApp(operation) && !isOpen(operation);
  const grant = hasGrant ? context.auth.verifyInstallation(authorization) : undefined;
  const url = new URL(c.req.url);
  const params = c.req.param() as Record<string, string>;
  return { operation, params, query: url.searchParams, path: url.pathname, body: await bodyOf(c), grant };
}

async function bodyOf(c: Context<Env>): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Answered below.
  }
  throw new ApiError(400, 'Problems parsing JSON');
}

/** The permission that an operation needs (docs.github.com: Permissions required for GitHub Apps). */
function neededPermission({ path, method }: OperationDescription): [string, 'read' | 'write'] {
  const level = method === 'GET' ? 'read' : 'write';
  if (path.startsWith('/orgs/')) return ['organization_self_hosted_runners', level];
  if (path.includes('/actions/runners')) return ['administration', level];
  return path.includes('/actions/') ? ['actions', level] : ['metadata', level];
}

function checkPermission({ operation, grant }: ApiRequest): void {
  if (grant === undefined) return;
  const [name, level] = neededPermission(operation);
  if (permits(grant.permissions, name, level)) return;
  const headers = { 'x-accepted-github-permissions': `${name}=${level}` };
  throw new ApiError(403, 'Resource not accessible by integration', { headers });
}
