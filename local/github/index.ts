/**
 * The GitHub half of the embedded world: an HTTP server on 127.0.0.1 that answers the real Octokit, sends
 * signed webhooks, and hands jobs to listeners. It refuses what GitHub refuses.
 */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createAppAuth } from './app-auth.ts';
import { createKeyPool } from './jit-config.ts';
import { listen } from './listen.ts';
import { RateLimiter } from './rate-limit.ts';
import type { RestContext } from './rest/context.ts';
import { createRunPages } from './run-pages.ts';
import { createRestApi } from './server.ts';
import { addressesOf } from './service/addresses.ts';
import { createRunnerServices } from './service/index.ts';
import type { ServiceParts } from './service/parts.ts';
import { RunnerTokens } from './service/runner-tokens.ts';
import { createWorkerServices, jobLogUrl } from './service/worker-services.ts';
import { createSite, type Site } from './site.ts';
import { createSitePages } from './site-pages.ts';
import { makeAuthority } from './tls.ts';
import type { GitHubOptions } from './types.ts';
import { GitHubWorld } from './world.ts';

export { createKeyPool, generateAppKey } from './jit-config.ts';
export type * from './types.ts';
export type { GitHubWorld } from './world.ts';

const DEFAULT_POLL_MS = 25_000;

type App = Hono<{ Bindings: HttpBindings }>;

function contextOf(
  world: GitHubWorld,
  { clock, faults, keys }: GitHubOptions,
  site: Site,
  brokerUrl: () => string,
): RestContext {
  const { app, installations } = site;
  return {
    clock,
    faults,
    app,
    installations,
    accounts: world.accounts,
    ids: world.ids,
    auth: createAppAuth(app, clock, world.accounts),
    actions: world.actions,
    deliveries: world.log,
    keys: keys ?? createKeyPool(),
    site,
    apiUrl: () => world.url,
    brokerUrl,
    deprecated: () => world.deprecated,
    jobLogUrl: (job) => jobLogUrl(world.url, job, world.signer),
  };
}

function servicePartsOf(world: GitHubWorld, { clock, pollMs, polls }: GitHubOptions): ServiceParts {
  const { actions, ids, tokens } = world;
  // As long as the tenant in the real thing's addresses, which makes a JIT config as long as a real one.
  const tenant = ids.word(50);
  const addresses = () => addressesOf(world.url, tenant);
  const serverUrl = () => addresses().broker;
  const { runners } = actions;
  return {
    world: actions,
    ids,
    runnerTokens: new RunnerTokens({ runners, ids, nowMs: () => clock.nowMs(), serverUrl }),
    jobTokens: tokens,
    addresses,
    pollMs: pollMs ?? DEFAULT_POLL_MS,
    deprecated: () => world.deprecated,
    polls,
  };
}

function workerServicesOf(world: GitHubWorld, folder: string | undefined): Hono {
  const { accounts, tokens, repositories, signer } = world;
  const parts = { jobs: world.actions.jobs, accounts, tokens, repositories, signer };
  return createWorkerServices({ ...parts, actions: folder, url: () => world.url });
}

/** Starts an embedded GitHub; `close` ends it. */
export async function startGitHub(options: GitHubOptions): Promise<GitHubWorld> {
  const site = createSite(options);
  const world = new GitHubWorld({ ...options, app: site.app, installations: site.installations });
  const services = servicePartsOf(world, options);
  const context = contextOf(world, options, site, () => services.addresses().broker);
  const { description } = world;
  const limiter = new RateLimiter(options.clock);
  const root: App = new Hono();
  root.route('/', createRunnerServices(services));
  root.route('/', createSitePages(site, world));
  root.route('/', createRunPages(world));
  root.route('/', workerServicesOf(world, options.actions));
  const api = createRestApi({ context, description, limiter, ledger: options.ledger });
  // Enterprise Server has its API below /api/v3 (docs.github.com, Getting started with the REST API).
  root.route('/api/v3', api);
  root.route('/', api);
  world.mostAtOnce = () => limiter.mostAtOnce;
  world.uninstall = () => site.forget();
  world.changeApp = (changes) => site.changeApp(changes);
  world.revokeTokens = (login) => {
    for (const { id, owner } of site.installations)
      if (owner.login === login) context.auth.revoke({ installationId: id });
  };
  const authority = options.tls ? await makeAuthority() : undefined;
  return world.attach(await listen(root, options.port ?? 0, authority));
}
