/** The REST API: each call is a matter of faults, credentials, limits, work, and a check of the answer. */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { Call } from '../../model/github/limits.ts';
import type { Ledger } from '../world/ledger.ts';
import { ApiError, notFound } from './api-error.ts';
import type { GitHubDescription, OperationDescription } from './openapi.ts';
import { type Admission, type RateLimiter, secondaryLimit } from './rate-limit.ts';
import { checked, refusal, respond } from './rest/answers.ts';
import { appHandlers } from './rest/apps.ts';
import { conditional } from './rest/conditional.ts';
import {
  type ApiAnswer,
  type ApiRequest,
  type Handler,
  type Handlers,
  type RestContext,
  scopeOf,
} from './rest/context.ts';
import { deploymentHandlers } from './rest/deployments.ts';
import { hookHandlers } from './rest/hooks.ts';
import { manifestHandlers } from './rest/manifests.ts';
import { moved } from './rest/moved.ts';
import { checkPermission, checkWritable } from './rest/permission.ts';
import { readRequest } from './rest/request.ts';
import { rerunHandlers } from './rest/reruns.ts';
import { runnerHandlers } from './rest/runners.ts';
import { runHandlers } from './rest/runs.ts';

const HANDLERS: Handlers = {
  ...appHandlers,
  ...manifestHandlers,
  ...hookHandlers,
  ...runnerHandlers,
  ...runHandlers,
  ...rerunHandlers,
  ...deploymentHandlers,
};

/** How late a fault makes an answer, in world time. */
const LATENCY_MS = 1_500;
/** How soon GitHub says that a limit is over which a fault has made up: nothing else of the world knows of it. */
const LIMITED_MS = 60_000;

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
    // A repository can be named by its id, and redirects do.
    for (const each of new Set([path, path.replace('/repos/:owner/:repo', '/repositories/:repository_id')]))
      api.on(operation.method, each, (c) => serve(options, operation, handler, c));
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
  ledger.record({ api: 'github', operation: operation.id, status: answer.status, path: c.req.path });
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
    const struck = strike(options, operation);
    return struck ?? (await admitted(options, operation, handler, c));
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return refusal(new ApiError(500, `The embedded GitHub failed: ${message}`));
  }
}

/** The faults that keep the call from being looked at. */
function strike({ context, limiter }: RestOptions, operation: OperationDescription): ApiAnswer | undefined {
  const { faults, ids } = context;
  if (faults.strikes('github-5xx')) return refusal(new ApiError(502, 'Server Error'));
  if (faults.strikes('github-secondary-limit')) throw secondaryLimit(LIMITED_MS);
  if (faults.strikes('github-primary-limit'))
    throw limiter.primaryLimit({ caller: `ID ${ids.hex(6)}`, operation: operation.id }, LIMITED_MS);
  return undefined;
}

async function admitted(
  options: RestOptions,
  operation: OperationDescription,
  handler: Handler,
  c: Context<Env>,
) {
  const request = await readRequest(options.context, operation, c);
  const admission = admit(options.limiter, callOf(request));
  if (!('release' in admission)) return admission;
  const { faults, clock } = options.context;
  try {
    // Late within the limit of calls at once: a slow call is one in flight.
    if (faults.strikes('github-latency')) await clock.lag(LATENCY_MS);
    const answer = conditional(request, await worked(options, handler, request));
    if (answer.status === 304) admission.refund();
    return { ...answer, headers: { ...admission.headers(), ...answer.headers } };
  } finally {
    admission.release();
  }
}

/** A refusal tells what is left of the hour, as every answer does. */
function admit(limiter: RateLimiter, call: Call): Admission | ApiAnswer {
  try {
    return limiter.admit(call);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const refused = refusal(error);
    return { ...refused, headers: { ...limiter.headers(call), ...refused.headers } };
  }
}

function callOf({ operation, params, grant }: ApiRequest): Call {
  const { org, owner, repo } = params;
  const { id, callsPerHour } = grant?.installation ?? {};
  return {
    caller: id === undefined ? 'the app' : `installation ID ${id}`,
    operation: operation.id,
    method: operation.method,
    scope: org ?? `${owner}/${repo}`,
    ...(callsPerHour !== undefined && { callsPerHour }),
  };
}

const namesScope = ({ params }: ApiRequest): boolean => 'org' in params || 'owner' in params;

async function worked(options: RestOptions, handler: Handler, request: ApiRequest): Promise<ApiAnswer> {
  try {
    const redirect = namesScope(request) ? moved(request, options.context) : undefined;
    if (redirect !== undefined) return redirect;
    // What the caller may not see is not there, whatever else is wrong with the call.
    if (request.grant !== undefined && namesScope(request)) scopeOf(request);
    checkPermission(request);
    checkWritable(request);
    const problem = options.description.requestProblem(request.operation, request.body);
    if (problem !== null) throw new ApiError(422, `Invalid request.\n\n${problem}`);
    return await handler(request, options.context);
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    throw error;
  }
}
