/** The parts of the embedded GitHub that one job needs, on one port of the loopback interface, and one runner for it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { Accounts } from '../github/accounts.ts';
import { ActionsWorld } from '../github/actions-world.ts';
import { createIdentifiers } from '../github/identifiers.ts';
import { createKeyPool, encodeJitConfig } from '../github/jit-config.ts';
import { groupOf, type JobRecord } from '../github/records.ts';
import { addressesOf } from '../github/service/addresses.ts';
import { createRunnerServices } from '../github/service/index.ts';
import { Repositories } from '../github/service/repositories.ts';
import { RunnerTokens } from '../github/service/runner-tokens.ts';
import { JobTokens } from '../github/service/tokens.ts';
import { UrlSigner } from '../github/service/url-signer.ts';
import { createWorkerServices } from '../github/service/worker-services.ts';
import type { Installation } from '../github/types.ts';
import { createClock } from '../world/clock.ts';
import { CHECKED_OUT, smokeJob } from './job.ts';
import type { Settings } from './settings.ts';
import { createUnsealing } from './unsealing.ts';
import type { Seen } from './verdict.ts';

export interface SmokeGitHub {
  readonly url: string;
  /** What its log must not show. */
  readonly secrets: readonly string[];
  seen(): Seen;
}

const REPOSITORY = { id: 1, name: 'smoke', private: true };
const INSTALLATION: Installation = {
  id: 1,
  owner: { login: 'oneshot', id: 1, type: 'Organization' },
  repositories: [REPOSITORY],
};
const FULL_NAME = `${INSTALLATION.owner.login}/${REPOSITORY.name}`;
const LABEL = 'smoke';
/** Below the 100 s after which a runner gives a poll up (WIRE-15). */
const POLL_MS = 50_000;

export async function startSmokeGitHub(settings: Settings): Promise<SmokeGitHub> {
  const url = `http://127.0.0.1:${settings.port}`;
  const clock = createClock(1);
  const ids = createIdentifiers(Math.random);
  const world = new ActionsWorld(clock, ids, Math.random);
  const repositories = new Repositories(makeRepositories());
  const addresses = addressesOf(url, ids.word(50));
  const jobTokens = new JobTokens(clock, world.jobs);
  const runnerTokens = new RunnerTokens({
    ...{ ids, runners: world.runners, nowMs: () => clock.nowMs() },
    serverUrl: () => addresses.broker,
  });
  const app = new Hono();
  const service = { world, ids, runnerTokens, jobTokens, addresses: () => addresses };
  app.route('/', createRunnerServices({ ...service, pollMs: POLL_MS, deprecated: () => false }));
  const accounts = new Accounts([INSTALLATION], world);
  const shared = { accounts, repositories, signer: new UrlSigner(), tokens: jobTokens };
  const job = queue(world, settings.uses, repositories.headOf(FULL_NAME)?.sha ?? '');
  const config = await registerRunner(world, addresses.broker, url, settings.runner);
  app.route('/', createUnsealing({ ...settings, config }, clock));
  app.route(
    '/',
    createWorkerServices({ ...shared, actions: settings.actions, jobs: world.jobs, url: () => url }),
  );
  await listen(app, settings.port);
  const { sealed, secretPath, token } = settings;
  return { url, seen: () => seenOf(job), secrets: [sealed, secretPath, token, config] };
}

/** A folder of repositories with the one that the job checks out. */
function makeRepositories(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'smoke-repositories-'));
  const folder = path.join(root, FULL_NAME);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, CHECKED_OUT.file), `${CHECKED_OUT.text}\n`);
  return root;
}

function queue(world: ActionsWorld, uses: readonly string[], headSha: string): JobRecord {
  const definition = smokeJob(uses, headSha);
  const jobs = [{ name: 'smoke', labels: [LABEL], durationSeconds: 0, definition }];
  const [job] = world.queueRun({ repository: FULL_NAME, jobs }, INSTALLATION, REPOSITORY).jobs;
  if (job === undefined) throw new Error('There is no job');
  return job;
}

/** Answers `encoded_jit_config`. */
async function registerRunner(world: ActionsWorld, serverUrl: string, url: string, name: string) {
  const key = await createKeyPool(1).take();
  const group = groupOf(INSTALLATION, 1);
  if (group === undefined) throw new Error('There is no runner group');
  const scope = { installation: INSTALLATION, repository: null };
  const runner = world.register({ scope, name, group, labels: [LABEL], publicKey: key.publicKey });
  return encodeJitConfig({
    ...{ runnerId: runner.id, runnerName: name, clientId: runner.clientId, key, serverUrl },
    ...{ workFolder: '_work', gitHubUrl: `${url}/${INSTALLATION.owner.login}` },
  });
}

async function listen(app: Hono, port: number): Promise<void> {
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

const seenOf = ({ status, conclusion, annotation, stepResults, report }: JobRecord): Seen => ({
  ...{ status, conclusion, annotation },
  steps: stepResults.map((step) => ({ name: step.name, conclusion: step.conclusion })),
  log: report?.jobLog() ?? [],
});
