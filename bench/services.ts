/**
 * GitHub and AWS with fixed answers and chosen latencies: what is timed beside them is the client. The strict ones
 * are in `local/`; their checks take longer than the clients that are measured here.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Latencies {
  readonly githubMs: number;
  readonly awsMs: number;
}

export interface Services {
  readonly url: string;
  /** Every call until now, in order, as `github POST /path` or `Service.Operation`. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** As long as a real one: three files in base64, of which the key is 1.7 KB (GH-25). */
const JIT_CONFIG = Buffer.from(
  JSON.stringify({
    '.runner': randomBytes(400).toString('base64'),
    '.key': randomBytes(1700).toString('base64'),
  }),
).toString('base64');
const ACCOUNT = '123456789012';
const SEALED = randomBytes(2300).toString('base64');

type Answer = { readonly status: number; readonly body: unknown };

/** `privateKeyPem` is the App's, as the parameters hold it. */
export async function startServices(
  parameters: Readonly<Record<string, string>>,
  { githubMs, awsMs }: Latencies = { githubMs: 0, awsMs: 0 },
  answers: Readonly<Record<string, (input: never) => unknown>> = {},
): Promise<Services> {
  const calls: string[] = [];
  const aws = { ...awsAnswers(parameters), ...answers };
  const server = createServer(async (request, response) => {
    const body = await read(request);
    const target = request.headers['x-amz-target'];
    const operation = typeof target === 'string' ? nameOf(target) : undefined;
    calls.push(operation ?? `github ${request.method} ${request.url}`);
    const latencyMs = operation ? awsMs : githubMs;
    if (latencyMs > 0) await sleep(latencyMs);
    const answer =
      operation === undefined
        ? githubAnswer(request)
        : { status: 200, body: aws[operation]?.(JSON.parse(body) as never) ?? {} };
    respond(response, answer, operation !== undefined);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `AmazonEC2ContainerServiceV20141113.RunTask` is `ecs RunTask`. */
function nameOf(target: string): string {
  const [service = '', operation = ''] = target.split('.');
  const names: Record<string, string> = {
    AmazonEC2ContainerServiceV20141113: 'ecs',
    TrentService: 'kms',
    AmazonSSM: 'ssm',
    AmazonSQS: 'sqs',
  };
  return `${names[service] ?? service} ${operation}`;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function respond(response: ServerResponse, { status, body }: Answer, isAws: boolean): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': isAws ? 'application/x-amz-json-1.1' : 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    date: new Date().toUTCString(),
  });
  response.end(text);
}

function githubAnswer({ method, url = '' }: IncomingMessage): Answer {
  if (method === 'POST' && url.endsWith('/access_tokens'))
    return {
      status: 201,
      body: {
        token: `ghs_${'a'.repeat(36)}`,
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
        permissions: { organization_self_hosted_runners: 'write' },
        repository_selection: 'all',
      },
    };
  if (method === 'POST' && url.endsWith('/generate-jitconfig'))
    return {
      status: 201,
      body: { runner: { id: 17, name: 'r', os: 'linux', labels: [] }, encoded_jit_config: JIT_CONFIG },
    };
  if (method === 'GET' && url.startsWith('/installation/repositories'))
    return { status: 200, body: { total_count: 0, repositories: [] } };
  // Installations, deliveries: nothing to show.
  return method === 'GET' ? { status: 200, body: [] } : { status: 404, body: { message: 'Not Found' } };
}

function awsAnswers(parameters: Readonly<Record<string, string>>): Record<string, (input: never) => unknown> {
  return {
    'ssm GetParameters': ({ Names }: { Names: string[] }) => ({
      Parameters: Names.filter((name) => parameters[name] !== undefined).map((Name) => ({
        Name,
        Value: parameters[Name],
        Type: 'SecureString',
      })),
      InvalidParameters: [],
    }),
    'sqs SendMessage': ({ MessageBody }: { MessageBody: string }) => ({
      MessageId: randomUUID(),
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }),
    'kms Encrypt': () => ({ CiphertextBlob: SEALED, KeyId: 'key' }),
    'ecs RunTask': () => ({
      tasks: [
        { taskArn: `arn:aws:ecs:eu-central-1:${ACCOUNT}:task/bench/${randomBytes(16).toString('hex')}` },
      ],
      failures: [],
    }),
  };
}
