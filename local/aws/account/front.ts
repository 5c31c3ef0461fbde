import { randomUUID } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { type App, admit, type ServerParts, signedRequest, takeCall } from '../admit.ts';
import { AwsError } from '../errors.ts';
import { callRoute, findRoute, nameIn } from './lambda.ts';
import { QUERY_SERVICES, type QueryApi } from './query.ts';
import { callS3, keysToDelete, operationOf } from './s3.ts';
import { writeXml } from './xml.ts';

/** The years in the paths of Lambda's REST API. */
const REST_PATHS = ['/2015-03-31/*', '/2016-08-19/*', '/2017-10-31/*', '/2019-09-30/*'];

/** The services that do not speak the JSON protocol: those of the Query protocol, and Lambda. */
export function addAccountRoutes(app: Hono<App>, parts: ServerParts): void {
  app.on(['GET', 'PUT', 'DELETE'], REST_PATHS, (context) => receiveRest(context, parts));
  app.use('*', async (context, next) =>
    serviceOf(context.req.header('authorization') ?? '') === 's3' ? receiveS3(context, parts) : next(),
  );
  app.post('*', async (context, next) => {
    const type = context.req.header('content-type') ?? '';
    if (type.startsWith('application/x-www-form-urlencoded')) return receiveQuery(context, parts);
    return next();
  });
}

async function receiveRest(context: Context<App>, parts: ServerParts): Promise<Response> {
  const request = await signedRequest(context);
  const { pathname: path, searchParams: query } = new URL(request.url, 'http://localhost');
  const call = { method: request.method, path, query, body: Buffer.from(request.body).toString('utf8') };
  const route = findRoute(call);
  if (route === undefined)
    return context.json({ Message: 'Unable to determine service/operation name' }, 404);
  const answer = await attempt(parts, async () => {
    const { principal } = (await admit(request, 'lambda', route.operation, parts)).key;
    const input = { FunctionName: nameIn(route, call) };
    takeCall(principal, { api: 'lambda', operation: route.operation, input }, parts);
    return callRoute(route, parts.account, call);
  });
  parts.ledger.record({ api: 'lambda', operation: route.operation, status: answer.status });
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() };
  if (answer.error === undefined) {
    if (answer.body === undefined) return new Response(null, { status: 204, headers });
    return new Response(JSON.stringify(answer.body), { headers });
  }
  const { code, message } = answer.error;
  const told = { ...headers, 'x-amzn-errortype': code };
  return new Response(JSON.stringify({ Type: 'User', Message: message }), {
    status: answer.status,
    headers: told,
  });
}

async function receiveQuery(context: Context<App>, parts: ServerParts): Promise<Response> {
  const request = await signedRequest(context);
  const input = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
  const name = input.get('Action') ?? '';
  const api = apiOf(context.req.header('authorization') ?? '');
  const answer = await attempt(parts, async () => {
    if (api === undefined)
      throw new AwsError('MissingAuthenticationToken', 'Request is missing a signature', 403);
    const { principal } = (await admit(request, api, name, parts)).key;
    const { version, actions } = QUERY_SERVICES[api];
    const action = Object.entries(actions).find(([known]) => known === name)?.[1];
    if (action === undefined || input.get('Version') !== version)
      throw new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`);
    takeCall(principal, { api, operation: name, input: Object.fromEntries(input) }, parts);
    return action(input, parts.account, principal);
  });
  parts.ledger.record({ api: api ?? 'sts', operation: name, status: answer.status });
  const body =
    answer.error === undefined ? success(api ?? 'sts', name, answer.body) : failure(api, answer.error);
  return new Response(body, { status: answer.status, headers: { 'content-type': 'text/xml' } });
}

/** The service, by the scope of the signature: a query names none. */
const apiOf = (authorization: string): QueryApi | undefined => {
  const service = serviceOf(authorization);
  return Object.hasOwn(QUERY_SERVICES, service) ? (service as QueryApi) : undefined;
};

const serviceOf = (authorization: string): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([\w-]+)\/aws4_request/.exec(authorization)?.[1] ?? '';

async function receiveS3(context: Context<App>, parts: ServerParts): Promise<Response> {
  const request = await signedRequest(context);
  const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
  const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
  const operation = operationOf(request.method, key, query) ?? '';
  const body = Buffer.from(request.body);
  const answer = await attempt(parts, async () => {
    const { principal } = (await admit(request, 's3', operation, parts)).key;
    const keys = operation === 'DeleteObjects' ? keysToDelete(body.toString('utf8')) : [key];
    takeCall(principal, { api: 's3', operation, input: { Bucket: bucket, Keys: keys } }, parts);
    return callS3({ operation, bucket, key, query, headers: context.req.header(), body }, parts.account);
  });
  parts.ledger.record({ api: 's3', operation, status: answer.status });
  const { code: Code, message: Message } = answer.error ?? { code: '', message: '' };
  const told = answer.body as ReturnType<typeof callS3> | undefined;
  const text = answer.error === undefined ? told?.body : writeXml('Error', { Code, Message });
  const isBare = request.method === 'HEAD';
  return new Response(isBare ? null : (text ?? ''), { status: answer.status, headers: { ...told?.headers } });
}

interface Attempt {
  readonly status: number;
  readonly body?: unknown;
  readonly error?: AwsError;
}

async function attempt({ faults }: ServerParts, run: () => unknown): Promise<Attempt> {
  try {
    const body = await run();
    if (faults.strikes('aws-5xx')) throw new AwsError('InternalError', 'An internal error has occurred', 500);
    return { status: 200, body };
  } catch (cause) {
    if (cause instanceof AwsError) return { status: cause.status, error: cause };
    throw cause;
  }
}

/** EC2 answers without the element that the others wrap their result in. */
function success(api: QueryApi, name: string, body: unknown): string {
  const result = body as Parameters<typeof writeXml>[1];
  const requestId = randomUUID();
  const inner =
    api === 'ec2'
      ? { requestId, ...Object(result) }
      : { [`${name}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return `<?xml version="1.0" encoding="UTF-8"?>${writeXml(`${name}Response`, inner)}`;
}

function failure(api: QueryApi | undefined, { code, message, status }: AwsError): string {
  const requestId = randomUUID();
  if (api === 'ec2')
    return writeXml('Response', {
      Errors: { Error: { Code: code, Message: message } },
      RequestID: requestId,
    });
  const error = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message };
  return writeXml('ErrorResponse', { Error: error, RequestId: requestId });
}
