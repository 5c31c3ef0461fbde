import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { WorldClock } from '../world/clock.ts';
import { addAccountRoutes } from './account/front.ts';
import { type App, admit, type ServerParts, signedRequest, takeCall } from './admit.ts';
import { AwsError } from './errors.ts';
import { operationShapes, readJson, SchemaProblem, writeJson } from './schema.ts';
import type { Operation, Service } from './service.ts';
import type { SignedRequest, Verified } from './sigv4.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly callerClock: Verified['callerClock'];
  readonly error?: AwsError;
}

interface Target {
  readonly service: Service;
  readonly name: string;
  readonly operation: Operation;
}

const LATENCY_MS = 1000;
const KEEP_ALIVE_MS = 600_000;

/** The HTTP face of the AWS half: one port for all services, told apart by `X-Amz-Target`. */
export function createApp(parts: ServerParts): Hono<App> {
  const app = new Hono<App>();
  app.get('/task/*', (context) => {
    const body = parts.taskEndpoint(context.req.path);
    return body === undefined ? context.notFound() : context.json(body);
  });
  addAccountRoutes(app, parts);
  app.post('*', (context) => receive(context, parts));
  return app;
}

/** Listens on 127.0.0.1 and resolves with the server and the port that it got. */
export async function listen(app: Hono<App>, port: number): Promise<{ server: Server; port: number }> {
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }) as Server;
  // A connection that idles out just as a client sends on it would look like a lost answer.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function receive(context: Context<App>, parts: ServerParts): Promise<Response> {
  const target = findTarget(context.req.header('x-amz-target') ?? '', parts.services);
  if (!target || !isJson(context)) return context.json(UNKNOWN_OPERATION, 404);
  if (parts.faults.strikes('aws-latency')) await parts.clock.lag(LATENCY_MS);
  const answer = await perform(await signedRequest(context), target, parts);
  parts.ledger.record({ api: target.service.api, operation: target.name, status: answer.status });
  if (answer.status === 200 && parts.faults.strikes('aws-lost-answer')) {
    context.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return respond(answer, target.service, parts.clock);
}

const UNKNOWN_OPERATION = { __type: 'com.amazon.coral.service#UnknownOperationException' };

function findTarget(header: string, services: readonly Service[]): Target | undefined {
  const [prefix, name = ''] = header.split('.', 2);
  const service = services.find((candidate) => candidate.target === prefix);
  const operation = service && Object.hasOwn(service.operations, name) && service.operations[name];
  return service && operation ? { service, name, operation } : undefined;
}

const isJson = (context: Context<App>) =>
  /^application\/x-amz-json-1\.[01]\b/.test(context.req.header('content-type') ?? '');

async function perform(request: SignedRequest, target: Target, parts: ServerParts): Promise<Answer> {
  let callerClock: Verified['callerClock'] = 'world';
  try {
    const verified = await admit(request, target.service.api, target.name, parts);
    callerClock = verified.callerClock;
    if (parts.faults.strikes('aws-5xx')) throw internalError(target.service);
    return { status: 200, body: await run(request, target, verified, parts), callerClock };
  } catch (cause) {
    const error = cause instanceof AwsError ? cause : worldBug(cause, target);
    return { status: error.status, body: errorBody(error), callerClock, error };
  }
}

async function run(
  { body, headers }: SignedRequest,
  { service, name, operation }: Target,
  { key: { principal } }: Verified,
  parts: ServerParts,
): Promise<unknown> {
  const shapes = operationShapes(operation.schema);
  const input = readInput(shapes.input, body, service);
  takeCall(principal, { api: service.api, operation: name, input }, parts);
  const output = await operation.handle(input, principal, single(headers['x-amzn-trace-id']));
  return writeJson(shapes.output, output ?? {});
}

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

function readInput(schema: unknown, body: Uint8Array, service: Service): unknown {
  try {
    return readJson(schema, JSON.parse(Buffer.from(body).toString('utf8') || '{}'));
  } catch (problem) {
    if (problem instanceof SchemaProblem && problem.kind !== 'type') throw service.invalid(problem);
    throw new AwsError('SerializationException', problem instanceof Error ? problem.message : 'not JSON');
  }
}

function errorBody(error: AwsError): Record<string, unknown> {
  return { __type: error.code, message: error.message, ...error.members };
}

function internalError(service: Service): AwsError {
  return new AwsError(service.internalError, 'Service Unavailable. Please try again later.', 500);
}

/** A defect of the world must not look like a fault that was asked for: it is told apart by its code. */
function worldBug(cause: unknown, { service, name }: Target): AwsError {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return new AwsError('EmbeddedWorldDefect', `${service.api}:${name}: ${text}`, 501);
}

function respond(answer: Answer, service: Service, clock: WorldClock): Response {
  const { error } = answer;
  // The SDK corrects its clock by this header. Callers that signed by real time must not be moved to world time:
  // their next signature would be fresh by neither.
  const nowMs = answer.callerClock === 'real' ? Date.now() : clock.nowMs();
  const headers = {
    'content-type': `application/x-amz-json-${service.jsonVersion}`,
    'x-amzn-requestid': randomUUID(),
    date: new Date(nowMs).toUTCString(),
    ...(error && service.queryError ? { 'x-amzn-query-error': service.queryError(error) } : {}),
  };
  return new Response(JSON.stringify(answer.body), { status: answer.status, headers });
}
