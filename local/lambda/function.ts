import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { COMPILE_CACHE } from '../runner/compile-cache.ts';
import type { Hold, WorldClock } from '../world/clock.ts';
import { isWaitMessage, NOW_VARIABLE, type TimeMessage } from './clock-messages.ts';
import { Instances } from './instances.ts';
import { continueTrace, MAXIMUM_ROUNDS } from './lineage.ts';
import type { Invocation, InvocationResult } from './protocol.ts';

/** Lambda API reference, PutFunctionRecursionConfig. */
export type RecursiveLoop = 'Allow' | 'Terminate';

export interface FunctionOptions {
  readonly name: string;
  /** The bundle as `npm run build` leaves it. */
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: WorldClock;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  /** Fewer instances than Lambda would start, to spare the machine; an event over it waits for one. */
  readonly maximumInstances: number;
  /** Whether Lambda invokes it again in a chain that it is in already; `Terminate` is Lambda's own default. */
  readonly recursiveLoop?: RecursiveLoop;
  /** False while its reserved concurrency is 0: then it answers nobody. */
  readonly isOpen?: () => boolean;
  /** Called with each line that the function writes to its log. */
  readonly onLog?: (line: string) => void;
}

/** Why an invocation has no result. `FunctionError` is an exception of the handler's. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
  readonly kind: 'TimedOut' | 'Crashed' | 'FunctionError' | 'Throttled' | 'RecursiveInvocation';

  constructor(kind: InvocationError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface InvokeOptions {
  /** That the event carried. */
  readonly traceHeader?: string | undefined;
  /** The work that waits for the answer: it waits as the function does. */
  readonly caller?: Hold | undefined;
}

export interface LocalFunction {
  readonly name: string;
  /** Runs the handler with an event. Rejects with InvocationError. */
  invoke(event: unknown, options?: InvokeOptions): Promise<unknown>;
  close(): void;
}

const INSTANCE = path.join(import.meta.dirname, 'instance.ts');
const WARPED_CLOCK = path.join(import.meta.dirname, 'warped-clock.ts');

/** A Lambda function on processes of this machine: a warm one is used again, a timed-out one is killed. */
export function createFunction(options: FunctionOptions): LocalFunction {
  const { name, clock } = options;
  const instances = new Instances(() => startInstance(options), options.maximumInstances);
  const closed = () => new InvocationError('Crashed', `${name} is closed`);
  let isClosed = false;
  return {
    name,
    async invoke(event, { traceHeader: carried, caller } = {}) {
      if (isClosed) throw closed();
      if (options.isOpen?.() === false) throw new InvocationError('Throttled', 'Rate Exceeded.');
      const traceHeader = traceOrRefuse(options, carried);
      const work = both(clock.hold(), caller);
      try {
        const instance = await instances.take(work);
        const rests = (isResting: boolean) => {
          if (isResting) work.pause();
          else work.resume();
          instances.rests(instance, isResting);
        };
        return await run(instance, { event, traceHeader }, options, rests).finally(() =>
          instances.giveBack(instance),
        );
      } finally {
        work.release();
      }
    },
    close() {
      isClosed = true;
      instances.close(closed());
    },
  };
}

/** The function's work, with its caller's beside it; the caller ends its own. */
const both = (own: Hold, caller?: Hold): Hold => ({
  pause() {
    caller?.pause();
    own.pause();
  },
  resume() {
    caller?.resume();
    own.resume();
  },
  release() {
    caller?.resume();
    own.release();
  },
});

/** Lambda's runtime for Node lets new objects have 5 % of the memory and old ones 90 % (its /var/runtime/bootstrap). */
const memoryFlags = (memoryMiB: number): string[] => [
  `--max-semi-space-size=${Math.floor(memoryMiB * 0.05)}`,
  `--max-old-space-size=${Math.floor(memoryMiB * 0.9)}`,
];

function startInstance({
  name,
  bundle,
  memoryMiB,
  environment,
  clock,
  onLog,
}: FunctionOptions): ChildProcess {
  const instance = fork(INSTANCE, [bundle], {
    // Nothing of this process's environment but what finds programs: the function sees what Lambda would give it.
    env: {
      PATH: process.env['PATH'],
      ...COMPILE_CACHE,
      AWS_LAMBDA_FUNCTION_NAME: name,
      ...environment,
      ...(clock.standsStill && { [NOW_VARIABLE]: String(clock.nowMs()) }),
    },
    execArgv: [...memoryFlags(memoryMiB), '--enable-source-maps', '--import', WARPED_CLOCK],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [instance.stdout, instance.stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => onLog?.(line));
  return instance;
}

function traceOrRefuse({ name, recursiveLoop = 'Terminate' }: FunctionOptions, carried?: string): string {
  const { header, earlierRounds } = continueTrace(carried, name);
  if (recursiveLoop === 'Allow' || earlierRounds < MAXIMUM_ROUNDS) return header;
  throw new InvocationError('RecursiveInvocation', `${name} was invoked ${earlierRounds} times in a chain`);
}

function run(
  instance: ChildProcess,
  what: Pick<Invocation, 'event' | 'traceHeader'>,
  options: FunctionOptions,
  rests: Rests,
): Promise<unknown> {
  const { clock, timeoutSeconds } = options;
  const id = randomUUID();
  return new Promise((resolve, reject) => {
    const waits = obeyWaits(instance, clock, rests);
    const settle = (outcome: () => void) => {
      cancel();
      waits.stop();
      instance.off('message', onMessage).off('exit', onExit);
      outcome();
    };
    const fail = (kind: InvocationError['kind'], message: string) =>
      settle(() => reject(new InvocationError(kind, message)));
    const onMessage = (message: unknown) => {
      const result = message as InvocationResult;
      if (result.id !== id) return;
      if ('error' in result) fail('FunctionError', result.error);
      else settle(() => resolve(result.value));
    };
    const onExit = () => fail('Crashed', `${options.name} exited`);
    const cancel = clock.after(timeoutSeconds * 1000, () => {
      instance.kill('SIGKILL');
      fail('TimedOut', `Task timed out after ${timeoutSeconds} seconds`);
    });
    instance.on('message', onMessage).once('exit', onExit);
    instance.send({ ...waits.time(), ...describe(id, what, options) });
  });
}

const describe = (
  id: string,
  what: Pick<Invocation, 'event' | 'traceHeader'>,
  { name, memoryMiB, timeoutSeconds }: FunctionOptions,
): Invocation => ({
  id,
  context: {
    awsRequestId: id,
    functionName: name,
    functionVersion: '$LATEST',
    memoryLimitInMB: String(memoryMiB),
    timeoutMs: timeoutSeconds * 1000,
  },
  ...what,
});

/** Told when an instance begins to wait for the world's time, and when it works again. */
type Rests = (isResting: boolean) => void;

let turns = 0;

/** Lets time pass while the function waits for nothing but the time, and tells it when it has come. */
function obeyWaits(instance: ChildProcess, clock: WorldClock, rests: Rests) {
  let turn = 0;
  let cancel: (() => void) | undefined;
  const time = (): TimeMessage => {
    turn = ++turns;
    return { nowMs: clock.nowMs(), turn };
  };
  const resume = () => {
    cancel?.();
    cancel = undefined;
    rests(false);
  };
  const onMessage = (message: unknown) => {
    if (!isWaitMessage(message) || message.turn !== turn) return;
    resume();
    if (message.waitsForMs === null) return;
    cancel = clock.after(message.waitsForMs - clock.nowMs(), () => {
      resume();
      if (instance.connected) instance.send(time());
    });
    rests(true);
  };
  instance.on('message', onMessage);
  return {
    time,
    stop() {
      cancel?.();
      instance.off('message', onMessage);
    },
  };
}
