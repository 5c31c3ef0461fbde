import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Status and body. */
export type Answer = readonly [status: number, body: string];

/** How services of the query protocol (IAM, CloudFormation) refuse. */
export const refusal = (status: number, code: string, message: string): Answer => [
  status,
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
];

/**
 * An AWS that answers each call as it is told, and tells what was called: `CreateServiceLinkedRole`, `ListTasks`, or
 * method and path for services of the REST protocol. For what the embedded world has no service of.
 */
export async function openScriptedAws(answers: Readonly<Record<string, Answer>>) {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const call = nameOf(request, await bodyOf(request));
    calls.push(call);
    const [status, text] = answers[call] ?? refusal(400, 'InvalidAction', `not expected: ${call}`);
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const config = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' },
    maxAttempts: 1,
  };
  return { config, calls };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

function nameOf({ headers, method, url = '' }: IncomingMessage, body: string): string {
  const target = String(headers['x-amz-target'] ?? '').split('.')[1];
  return target ?? new URLSearchParams(body).get('Action') ?? `${method} ${url.split('?')[0]}`;
}
