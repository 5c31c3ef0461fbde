/** A GitHub on loopback that answers as a test scripts it, and keeps what it was asked. It mints tokens by itself. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGitHubApp, type GitHubApp } from '../../functions/github/app.ts';
import { appKey } from '../contract/github-harness.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string;
  readonly etag: string | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is a text. */
  readonly body?: unknown;
  readonly delayMs?: number;
}

export interface FakeGitHub {
  readonly app: GitHubApp;
  /** What was asked, tokens apart. */
  readonly asked: Asked[];
  /** Installations that tokens were minted for. */
  readonly minted: number[];
  /** The most calls that were open at once. */
  mostAtOnce: number;
  /** Answers a mint; `undefined`: a token. */
  mint: (installationId: number) => Answer | undefined;
  answer: (asked: Asked) => Answer | Promise<Answer>;
  close(): void;
}

const MINT = /^\/app\/installations\/(\d+)\/access_tokens$/;

function askedOf({ method = '', url = '', headers }: IncomingMessage): Asked {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const token = (headers.authorization ?? '').split(' ')[1] ?? '';
  return { method, path: pathname, query: searchParams, token, etag: headers['if-none-match'] };
}

function send(response: ServerResponse, { status = 200, headers = {}, body = {} }: Answer): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/html' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(status === 304 ? undefined : isText ? body : JSON.stringify(body));
}

export async function startFakeGitHub(): Promise<FakeGitHub> {
  let open = 0;
  const server = createServer(async (request, response) => {
    request.resume();
    const asked = askedOf(request);
    fake.mostAtOnce = Math.max(fake.mostAtOnce, ++open);
    const answer = await answerOf(asked);
    await new Promise((resolve) => setTimeout(resolve, answer.delayMs ?? 0));
    open--;
    send(response, answer);
  });
  const answerOf = (asked: Asked): Answer | Promise<Answer> => {
    const installationId = Number(MINT.exec(asked.path)?.[1]);
    if (Number.isNaN(installationId)) {
      fake.asked.push(asked);
      return fake.answer(asked);
    }
    fake.minted.push(installationId);
    return fake.mint(installationId) ?? tokenOf(installationId, fake.minted.length);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeGitHub = {
    app: createGitHubApp({ appId: '1', privateKey: appKey.privateKeyPem, apiUrl }),
    asked: [],
    minted: [],
    mostAtOnce: 0,
    mint: () => undefined,
    answer: () => ({ status: 404, body: { message: 'Not Found' } }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return fake;
}

const tokenOf = (installationId: number, count: number): Answer => ({
  status: 201,
  body: {
    token: `ghs_${installationId}_${count}`,
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    permissions: {},
  },
});

/** Splits a full list into the page that was asked for. */
export function pageOf<Item>(items: readonly Item[], query: URLSearchParams): readonly Item[] {
  const size = Number(query.get('per_page') ?? 30);
  const start = (Number(query.get('page') ?? 1) - 1) * size;
  return items.slice(start, start + size);
}
