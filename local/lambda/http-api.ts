import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Context, Hono } from 'hono';
import type { Hold } from '../world/clock.ts';
import { InvocationError, type LocalFunction } from './function.ts';

export interface HttpApi {
  readonly url: string;
  close(): Promise<void>;
}

export interface HttpApiOptions {
  readonly port?: number | undefined;
  /** The work of GitHub's delivery of this GUID, which waits as the function does. */
  readonly callerOf?: (guid: string) => Hold | undefined;
}

/**
 * The HTTP API in front of the webhook function: one route, payload format 2.0, and API Gateway's own answers
 * where the function has none (docs.aws.amazon.com, AWS Lambda proxy integrations for HTTP APIs).
 */
export async function startHttpApi(
  webhook: LocalFunction,
  { port = 0, callerOf }: HttpApiOptions = {},
): Promise<HttpApi> {
  const app = new Hono();
  app.post('/webhook', async (context) => {
    const event = await toEvent(context);
    const caller = callerOf?.(context.req.header('x-github-delivery') ?? '');
    try {
      return toResponse((await webhook.invoke(event, { caller })) as APIGatewayProxyStructuredResultV2);
    } catch (error) {
      if (error instanceof InvocationError && error.kind === 'Throttled')
        return context.json({ message: 'Service Unavailable' }, 503);
      // A handler that throws, crashes or is late: API Gateway's own answer.
      return context.json({ message: 'Internal Server Error' }, 500);
    }
  });
  app.notFound((context) => context.json({ message: 'Not Found' }, 404));
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** Text types arrive as text, everything else in base64. */
async function toEvent({ req }: Context): Promise<APIGatewayProxyEventV2> {
  const bytes = Buffer.from(await req.arrayBuffer());
  const isText = /^(text\/|application\/(json|javascript|xml))/.test(req.header('content-type') ?? '');
  const { pathname, searchParams, host } = new URL(req.url);
  const headers = req.header();
  return {
    version: '2.0',
    routeKey: 'POST /webhook',
    rawPath: pathname,
    rawQueryString: searchParams.toString(),
    headers,
    requestContext: {
      accountId: '111122223333',
      apiId: 'local',
      domainName: host,
      domainPrefix: 'local',
      http: {
        method: req.method,
        path: pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: 'POST /webhook',
      stage: '$default',
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

function toResponse({
  statusCode = 200,
  headers = {},
  body = '',
}: APIGatewayProxyStructuredResultV2): Response {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
  return new Response(body, { status: statusCode, headers: texts });
}
