import { randomBytes, randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface Answer {
  readonly status?: number;
  readonly body?: string | object;
  /** The good answer, but for these members. */
  readonly changes?: Readonly<Record<string, unknown>>;
  /** Cuts the connection: before any answer, or in the middle of the body. */
  readonly cut?: 'before' | 'within';
  /** Never answers. */
  readonly isSilent?: boolean;
  /** The body begins again and again, at this interval in milliseconds, forever. */
  readonly repeatsEveryMs?: number;
}

/** Everything that nobody but the supervisor and the listener may see. */
interface Secrets {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
  readonly credentialsPath: string;
  /** What GitHub called `encoded_jit_config`. */
  readonly encodedConfig: string;
  readonly sealedConfig: string;
}

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The two services that a task talks to before its listener starts: task credentials and KMS. */
export interface TaskServices {
  readonly url: string;
  readonly secrets: Secrets;
  readonly requests: { readonly credentials: Request[]; readonly kms: Request[] };
  close(): void;
}

/** `credentials` and `kms` are answered in order, and the good answer is given ever after. */
export async function startTaskServices(
  answers: { readonly credentials?: readonly Answer[]; readonly kms?: readonly Answer[] } = {},
  encodedConfig: string = makeConfig(),
): Promise<TaskServices> {
  const secrets = makeSecrets(encodedConfig);
  const good = { credentials: { body: goodCredentials(secrets) }, kms: { body: goodPlaintext(secrets) } };
  const requests = { credentials: [] as Request[], kms: [] as Request[] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const service = request.url === secrets.credentialsPath ? 'credentials' : 'kms';
      const seen = requests[service];
      const answer: Answer = answers[service]?.[seen.length] ?? good[service];
      seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const body = answer.changes ? { ...good[service].body, ...answer.changes } : (answer.body ?? {});
      reply(request, response, { ...answer, body });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, secrets, requests, close: () => closeServer(server) };
}

function reply(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (answer.isSilent) return;
  if (answer.cut === 'before') return void request.socket.destroy();
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  if (answer.repeatsEveryMs !== undefined) {
    response.writeHead(answer.status ?? 200, headers);
    const timer = setInterval(() => response.write(body), answer.repeatsEveryMs);
    return void response.on('close', () => clearInterval(timer));
  }
  response.writeHead(answer.status ?? 200, { ...headers, 'content-length': Buffer.byteLength(body) });
  if (answer.cut !== 'within') return void response.end(body);
  response.write(body.slice(0, body.length / 2), () => request.socket.destroy());
}

function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** As long as a real one, and of no use. */
function makeConfig(): string {
  const file = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64');
  const config = {
    '.runner': file({ AgentId: '7', DisableUpdate: 'True', Ephemeral: 'True' }),
    '.credentials': file({ scheme: 'OAuth', data: { clientId: randomUUID() } }),
    '.credentials_rsaparams': file({ d: randomBytes(256).toString('base64'), p: randomBytes(128) }),
  };
  return Buffer.from(JSON.stringify(config)).toString('base64');
}

function makeSecrets(encodedConfig: string): Secrets {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    token: randomBytes(600).toString('base64'),
    credentialsPath: `/v2/credentials/${randomUUID()}`,
    encodedConfig,
    sealedConfig: randomBytes(3000).toString('base64'),
  };
}

const goodCredentials = ({ accessKeyId, secretAccessKey, token }: Secrets) => ({
  RoleArn: 'arn:aws:iam::123456789012:role/task',
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  Token: token,
  Expiration: '2030-01-01T00:00:00Z',
});

const goodPlaintext = ({ encodedConfig }: Secrets) => ({
  KeyId: 'arn:aws:kms:us-east-1:123456789012:key/1',
  Plaintext: gzipSync(Buffer.from(encodedConfig, 'base64')).toString('base64'),
  EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
});
