/** The broker: a runner's session, and the messages that it polls for (WIRE-13 to WIRE-20). */
import { type Context, Hono } from 'hono';
import { LISTENER_HEADER } from '../../runner/world-time.ts';
import type { Message, RunnerRecord } from '../records.ts';
import { bodyOf } from './body.ts';
import { brokerRefusal, unauthorized } from './errors.ts';
import type { ServiceParts } from './parts.ts';
import { type PollStatus, pollRefusal, requestIdOf, takeMessage, wireMessage } from './poll.ts';

type Handle = (runner: RunnerRecord, c: Context, parts: ServiceParts) => Response | Promise<Response>;

export function createBroker(parts: ServiceParts): Hono {
  const withRunner = (handle: Handle) => (c: Context) => {
    const runner = parts.runnerTokens.runnerOf(c.req.header('authorization'));
    if (runner === undefined) return unauthorized(c);
    runner.seenAtMs = parts.world.clock.nowMs();
    return handle(runner, c, parts);
  };
  const broker = new Hono();
  broker.post('/oauth2/token', (c) => parts.runnerTokens.answer(c));
  broker.post('/session', withRunner(openSession));
  broker.get('/message', withRunner(poll));
  broker.post('/acknowledge', withRunner(acknowledge));
  broker.delete('/session', withRunner(closeSession));
  return broker;
}

/** A JIT config makes one session and never another (ARC#4588). */
const openSession: Handle = (runner, c, { world, ids, deprecated }) => {
  if (runner.removed) return unauthorized(c);
  if (runner.sessionId !== null) return c.json({ message: 'A session for this runner already exists.' }, 409);
  runner.sessionId = ids.guid();
  // A session is made, and each poll of it refused.
  if (!deprecated()) world.connect(runner);
  return c.json({ sessionId: runner.sessionId });
};

const poll: Handle = async (runner, c, parts) => {
  const status: PollStatus = c.req.query('status') === 'Busy' ? 'Busy' : 'Online';
  const refused = () =>
    pollRefusal(runner, {
      sessionId: c.req.query('sessionId'),
      nowMs: parts.world.clock.nowMs(),
      isDeprecated: parts.deprecated(),
    });
  const answer = refused() ?? (await held(runner, { status, refused, c }, parts));
  if (typeof answer === 'string') return brokerRefusal(c, answer, wordsFor(answer, c));
  if (answer === undefined) return c.body(null, 202);
  runner.messages += 1;
  return c.json(wireMessage(answer, runner.messages, parts.addresses().run));
};

/** What the listener prints of a version that is too old; of the others it prints words of its own. */
const wordsFor = (kind: string, c: Context): string =>
  kind === 'RunnerVersionTooOld'
    ? `Runner version v${c.req.query('runnerVersion')} is deprecated and cannot receive messages.`
    : `The poll was refused: ${kind}.`;

interface Poll {
  readonly status: PollStatus;
  readonly refused: () => ReturnType<typeof pollRefusal>;
  readonly c: Context;
}

/** Holds the poll until there is something to say, or for its time. */
async function held(runner: RunnerRecord, { status, refused, c }: Poll, parts: ServiceParts) {
  const { world, pollMs, polls } = parts;
  const { signal } = c.req.raw;
  const listener = c.req.header(LISTENER_HEADER);
  const endsAtMs = performance.now() + pollMs;
  runner.polls += 1;
  if (!runner.connected && !runner.removed) world.connect(runner);
  if (status === 'Online') world.offer(runner);
  let answer: Message | ReturnType<typeof pollRefusal> = takeMessage(runner, status);
  const isHeld = answer === undefined;
  if (isHeld && listener !== undefined) polls?.(listener, runner.job === null ? 'idle' : 'busy');
  while (answer === undefined && !signal.aborted && performance.now() < endsAtMs) {
    await woken(runner, endsAtMs - performance.now(), signal);
    // One who has hung up hears nothing: what there is stays for the next poll.
    answer = signal.aborted ? undefined : (refused() ?? takeMessage(runner, status));
  }
  if (isHeld && listener !== undefined) polls?.(listener, 'answered');
  runner.polls -= 1;
  runner.seenAtMs = world.clock.nowMs();
  return answer;
}

/** Resolves when there is news for the runner, when it hangs up, or after this much real time. */
function woken(runner: RunnerRecord, limitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    runner.wake = wake;
    signal.addEventListener('abort', wake, { once: true });
  });
}

/** An ephemeral runner ends where its request is no longer its own. A job can be acquired without it (WIRE-46). */
const acknowledge: Handle = async (runner, c) => {
  const { runnerRequestId } = await bodyOf(c);
  const isOwn = runner.job !== null && requestIdOf(runner.job) === runnerRequestId;
  if (!isOwn) return brokerRefusal(c, 'AcknowledgeJobNotFound', 'The job was not found.');
  runner.acknowledged = String(runnerRequestId);
  return c.json({});
};

/** An idle listener that leaves; its registration stays (LISTENER-42). */
const closeSession: Handle = (runner, c, { world }) => {
  if (runner.connected && !runner.removed) world.disconnect(runner);
  return c.json({});
};
