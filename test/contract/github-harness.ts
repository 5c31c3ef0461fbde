/** A small embedded GitHub for the contract tests, with a receiver of webhooks and a clock that can be moved. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import {
  createKeyPool,
  type GitHubOptions,
  type GitHubWorld,
  generateAppKey,
  startGitHub,
} from '../../local/github/index.ts';
import { UNHELD, type WorldClock } from '../../local/world/clock.ts';
import { createFaults, type Faults } from '../../local/world/faults.ts';
import { Ledger } from '../../local/world/ledger.ts';
import { MiniListener } from './github-listener.ts';

export const APP_ID = 4242;
export const SECRET = 'a secret of the webhook';
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Stands still unless it is moved; timers run a hundred times as fast as they say. */
export interface MovableClock extends WorldClock {
  advance(worldMs: number): void;
}

export function createMovableClock(startMs: number = Date.now()): MovableClock {
  let nowMs = startMs;
  const speed = 100;
  const after = (worldMs: number, action: () => void) => {
    const timer = setTimeout(action, worldMs / speed);
    return () => clearTimeout(timer);
  };
  const sleep = (worldMs: number) => new Promise<void>((resolve) => void after(worldMs, resolve));
  return {
    ...UNHELD,
    until: () => Promise.reject(new Error('nobody moves this clock but the test')),
    lag: sleep,
    speed,
    epochMs: startMs,
    nowMs: () => nowMs,
    nowIso: () => new Date(nowMs).toISOString(),
    after,
    sleep,
    advance: (worldMs) => {
      nowMs += worldMs;
    },
  };
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What it answers; null: nothing, ever. */
  answer: number | null;
  close(): void;
}

async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      if (receiver.answer !== null) response.writeHead(receiver.answer).end('seen');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const receiver: Receiver = { url, received, answer: 202, close };
  return receiver;
}

export const appKey = await generateAppKey();
const keys = createKeyPool(2);

export const INSTALLATIONS = [
  {
    id: 501,
    owner: { login: 'acme', id: 9001, type: 'Organization' },
    repositories: [
      { id: 31, name: 'shop', private: true },
      { id: 32, name: 'docs', private: false },
    ],
    runnerGroups: [
      { id: 1, name: 'Default' },
      { id: 7, name: 'docs only', repositories: ['docs'] },
    ],
  },
  {
    id: 502,
    owner: { login: 'mona', id: 9002, type: 'User' },
    repositories: [{ id: 41, name: 'blog', private: true }],
  },
  {
    id: 503,
    owner: { login: 'readers', id: 9003, type: 'Organization' },
    repositories: [{ id: 51, name: 'books', private: true }],
    permissions: { metadata: 'read', administration: 'read' },
  },
] as const satisfies GitHubOptions['installations'];

export interface Harness {
  readonly github: GitHubWorld;
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly receiver: Receiver;
  /** The real client, as the App. */
  readonly app: Octokit;
  /** The real client, as an installation: by default acme's. */
  as(installationId?: number): Octokit;
  close(): Promise<void>;
}

export async function startHarness(more: Partial<GitHubOptions> = {}): Promise<Harness> {
  const clock = createMovableClock();
  const faults = createFaults();
  const ledger = new Ledger();
  const receiver = await startReceiver();
  const github = await startGitHub({
    clock,
    faults,
    ledger,
    webhookUrl: receiver.url,
    webhookSecret: SECRET,
    app: { id: APP_ID, publicKeyPem: appKey.publicKeyPem },
    installations: INSTALLATIONS,
    patienceMs: 0,
    // By its timers, which run a hundred times as fast: ten seconds.
    deliveryLimitMs: 1_000_000,
    keys,
    pollMs: 200,
    ...more,
  });
  const common = { baseUrl: github.url, authStrategy: createAppAuth };
  const auth = { appId: APP_ID, privateKey: appKey.privateKeyPem };
  return {
    github,
    clock,
    faults,
    ledger,
    receiver,
    app: new Octokit({ ...common, auth }),
    as: (installationId = 501) => new Octokit({ ...common, auth: { ...auth, installationId } }),
    async close() {
      await github.close();
      receiver.close();
    },
  };
}

/** What a refused call tells. */
export interface Refused {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

interface HttpError extends Error {
  readonly status: number;
  readonly response?: {
    readonly headers: Refused['headers'];
    readonly data: { readonly message?: string };
  };
}

/** The refusal of a call that must be refused. */
export async function refusal(call: Promise<unknown>): Promise<Refused> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error as HttpError,
  );
  if (outcome === undefined) throw new Error('The call was to be refused, and was not');
  const { response } = outcome;
  return {
    status: outcome.status,
    message: response?.data?.message ?? outcome.message,
    headers: response?.headers ?? {},
  };
}

/** `sha256=...` as the receiver computes it. */
export const signatureOf = (body: string, secret: string = SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

export async function until(holds: () => boolean, limitMs = 3_000): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > limitMs) throw new Error(`Never happened: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A new JIT config of acme's organisation, for these labels. */
export async function jitConfig(harness: Harness, name: string, labels: readonly string[], group = 1) {
  const { data } = await harness.as().request('POST /orgs/{org}/actions/runners/generate-jitconfig', {
    org: 'acme',
    name,
    runner_group_id: group,
    labels: [...labels],
  });
  return { id: data.runner.id, encoded: data.encoded_jit_config };
}

/** A connected listener of a new runner. */
export async function connected(harness: Harness, name: string, labels: readonly string[], group = 1) {
  const { id, encoded } = await jitConfig(harness, name, labels, group);
  const listener = new MiniListener(encoded);
  await listener.connect();
  return { id, name, listener };
}

export const job = (name: string, ...labels: string[]) => ({ name, labels, durationSeconds: 30 });
