/**
 * The broker: what the stand-in listener speaks with, instead of the services behind `serverUrlV2` (their
 * order as read in actions/runner 2.336 BrokerMessageListener.cs and JobDispatcher.cs). Not an API that the
 * product calls, so no faults strike here and nothing is counted.
 */
import { type Context, Hono } from 'hono';
import { LISTENER_HEADER } from '../runner/world-time.ts';
import type { ActionsWorld } from './actions-world.ts';
import { verifyJwt } from './app-auth.ts';
import type { Identifiers } from './identifiers.ts';
import { authorizationUrl } from './jit-config.ts';
import type { Message, RunnerRecord } from './records.ts';
import type { Conclusion, PollState } from './types.ts';

export interface BrokerOptions {
  readonly world: ActionsWorld;
  readonly ids: Identifiers;
  /** The longest that a poll is held, in real milliseconds. */
  readonly pollMs: number;
  /** The broker's base as it stands in JIT configs, with its trailing slash. */
  readonly serverUrl: () => string;
  /** True while GitHub refuses the listener's version. */
  readonly deprecated: () => boolean;
  readonly polls?: ((listener: string, state: PollState) => void) | undefined;
}

const SKEW_SECONDS = 300;

/** The runner's words (TaskResult) and GitHub's. */
const CONCLUSIONS: Readonly<Record<string, Conclusion>> = {
  succeeded: 'success',
  success: 'success',
  failed: 'failure',
  failure: 'failure',
  canceled: 'cancelled',
  cancelled: 'cancelled',
  skipped: 'skipped',
  abandoned: 'failure',
};

type Handle = (
  runner: RunnerRecord,
  body: Record<string, unknown>,
  c: Context,
) => Response | Promise<Response>;

export function createBroker(options: BrokerOptions): Hono {
  const { world } = options;
  const tokens = new Map<string, RunnerRecord>();
  const withRunner = (handle: Handle) => async (c: Context) => {
    const runner = tokens.get((c.req.header('authorization') ?? '').replace(/^bearer /i, ''));
    if (runner === undefined) return c.json({ message: 'Unauthorized' }, 401);
    runner.seenAtMs = world.clock.nowMs();
    return handle(runner, await bodyOf(c), c);
  };
  const broker = new Hono();
  broker.post('/oauth2/token', (c) => issueToken(options, tokens, c));
  broker.post('/session', withRunner(openSession(options)));
  broker.get('/message', withRunner(poll(options)));
  broker.post(
    '/acknowledge',
    withRunner((_runner, _body, c) => c.json({})),
  );
  broker.post('/acquirejob', withRunner(acquire(world)));
  broker.post('/renewjob', withRunner(renew(world)));
  broker.post('/completejob', withRunner(complete(world)));
  broker.delete('/session', withRunner(closeSession(world)));
  return broker;
}

async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  const text = c.req.method === 'POST' ? await c.req.text() : '';
  try {
    const value: unknown = JSON.parse(text || '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

async function issueToken(options: BrokerOptions, tokens: Map<string, RunnerRecord>, c: Context) {
  const form = new URLSearchParams(await c.req.text());
  const runner = assertedRunner(options, form.get('client_assertion') ?? '');
  if (runner === undefined || runner.removed) return c.json({ error: 'invalid_client' }, 400);
  const token = `brk_${options.ids.word(40)}`;
  tokens.set(token, runner);
  return c.json({ access_token: token, token_type: 'bearer', expires_in: 3600 });
}

/** The runner whose private key signed the assertion. */
function assertedRunner({ world, serverUrl }: BrokerOptions, assertion: string): RunnerRecord | undefined {
  const runner = world.runners.byClient(claimedClient(assertion));
  const jwt = runner === undefined ? undefined : verifyJwt(assertion, runner.publicKey);
  if (runner === undefined || jwt === undefined) return undefined;
  const { iss, sub, aud, exp } = jwt.claims;
  const right = iss === runner.clientId && sub === iss && aud === authorizationUrl(serverUrl());
  const fresh = [world.clock.nowMs(), Date.now()].some((ms) => Number(exp) + SKEW_SECONDS > ms / 1000);
  return right && fresh ? runner : undefined;
}

function claimedClient(assertion: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());
    return String(Object(claims).iss);
  } catch {
    return '';
  }
}

/** A JIT config makes one session and never another (ARC#4588). */
const openSession =
  ({ world, ids, deprecated }: BrokerOptions): Handle =>
  (runner, _body, c) => {
    if (runner.removed) return c.json({ message: 'The runner registration has been deleted.' }, 404);
    if (runner.sessionId !== null)
      return c.json({ message: 'A session for this runner already exists.' }, 409);
    runner.sessionId = ids.guid();
    // A session is made, and each poll of it refused.
    if (!deprecated()) world.connect(runner);
    return c.json({ sessionId: runner.sessionId });
  };

const poll =
  (options: BrokerOptions): Handle =>
  async (runner, _body, c) => {
    if (options.deprecated()) return refuse(c, 403, 'RunnerVersionTooOld');
    if (c.req.query('sessionId') !== runner.sessionId) return refuse(c, 404, 'RunnerNotFound');
    const message = await nextMessage(options, runner, c.req.raw.signal, c.req.header(LISTENER_HEADER));
    if (runner.removed && !runner.ghost) return refuse(c, 404, 'RunnerNotFound');
    return message === undefined ? c.body(null, 202) : c.json(withServiceUrl(message, options.serverUrl()));
  };

/** A poll's refusal, which the listener reads by its kind (actions/runner BrokerHttpClient.cs, BrokerError). */
const refuse = (c: Context, statusCode: 403 | 404, errorKind: string): Response =>
  c.json({ source: 'actions-broker-listener', errorKind, statusCode, errorMessage: errorKind }, statusCode);

const withServiceUrl = (message: Message, runServiceUrl: string) =>
  message.messageType === 'RunnerJobRequest'
    ? { ...message, body: { ...message.body, runServiceUrl } }
    : message;

async function nextMessage(
  { world, pollMs, polls }: BrokerOptions,
  runner: RunnerRecord,
  signal: AbortSignal,
  listener?: string,
) {
  runner.polls += 1;
  if (!runner.connected && !runner.removed) world.connect(runner);
  world.offer(runner);
  if (runner.inbox.length === 0 && (!runner.removed || runner.ghost)) {
    if (listener !== undefined) polls?.(listener, runner.job === null ? 'idle' : 'busy');
    await woken(runner, pollMs, signal);
    if (listener !== undefined) polls?.(listener, 'answered');
  }
  runner.polls -= 1;
  runner.seenAtMs = world.clock.nowMs();
  return signal.aborted ? undefined : runner.inbox.shift();
}

/** Resolves when there is news for the runner, when it hangs up, or after `pollMs` of real time. */
function woken(runner: RunnerRecord, pollMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pollMs);
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    runner.wake = wake;
    signal.addEventListener('abort', wake, { once: true });
  });
}

const acquire =
  (world: ActionsWorld): Handle =>
  (runner, body, c) => {
    const job = world.acquire(runner, Number(body['jobId']));
    if (job !== undefined) {
      // The worker sleeps by the clock of its processes, and ends as the scenario says.
      const durationSeconds = job.durationSeconds / world.clock.speed;
      return c.json({ durationSeconds, result: job.result === 'success' ? 'Succeeded' : 'Failed' });
    }
    const acquired = runner.job !== null && runner.job.id === Number(body['jobId']);
    return c.json({ message: 'The job is not assigned to this runner.' }, acquired ? 409 : 404);
  };

const renew =
  (world: ActionsWorld): Handle =>
  (runner, body, c) => {
    const job = runner.job;
    if (job === null || job.id !== Number(body['jobId'])) return c.json({ message: 'Job not found.' }, 404);
    job.seenAtMs = world.clock.nowMs();
    return c.json({ lockedUntil: new Date(job.seenAtMs + 600_000).toISOString() });
  };

const complete =
  (world: ActionsWorld): Handle =>
  (runner, body, c) => {
    const job = runner.job;
    const conclusion = CONCLUSIONS[String(body['result']).toLowerCase()];
    if (conclusion === undefined) return c.json({ message: `Unknown result ${String(body['result'])}` }, 400);
    if (job === null || job.id !== Number(body['jobId']) || job.status !== 'in_progress') {
      return c.json({ message: 'Job not found.' }, 404);
    }
    world.finish(job, conclusion, firstAnnotation(body['annotations']));
    return c.json({});
  };

/** As GitHub's page of a run shows one: its title, if any, before its text. */
function firstAnnotation(annotations: unknown): string | null {
  const [first]: unknown[] = Array.isArray(annotations) ? annotations : [];
  const { title, message }: { title?: unknown; message?: unknown } = Object(first);
  if (typeof message !== 'string') return null;
  return typeof title === 'string' ? `${title}: ${message}` : message;
}

/** An idle listener that leaves; its registration stays (LISTENER-42). */
const closeSession =
  (world: ActionsWorld): Handle =>
  (runner, _body, c) => {
    if (runner.connected && !runner.removed) world.disconnect(runner);
    return c.json({});
  };
