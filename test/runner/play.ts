/** One case: a task with a runner, on a wire to an embedded GitHub of its own, from its start to what it leaves behind. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { createKeyPool, type GitHubWorld } from '../../local/github/index.ts';
import type { JobDefinition } from '../../local/github/service/definition.ts';
import type { Job } from '../../local/github/types.ts';
import { startTask, type Task, type TaskOptions } from '../../local/task/task.ts';
import { createClock } from '../../local/world/clock.ts';
import { jitConfig, startHarness } from '../contract/github-harness.ts';
import { layWire, type Wire } from './wire.ts';

const keys = createKeyPool();
const LABEL = 'oneshot-case';
/** Held as long as GitHub holds one, a poll outlasts each case that has none to lose. */
const POLL_MS = 50_000;

export interface Play {
  readonly task: Task;
  readonly wire: Wire;
  readonly github: GitHubWorld;
  readonly runnerId: number;
  readonly jobId: number;
  readonly job: () => Job | undefined;
  /** The task's process of this program. */
  readonly pidOf: (program: 'Runner.Listener' | 'Runner.Worker') => number;
  /** Resolves when a step of the job has made this file below the task's folder. */
  readonly made: (file: string) => Promise<void>;
}

export interface Case {
  readonly title: string;
  readonly job?: JobDefinition;
  readonly jobName?: string;
  readonly options?: Omit<TaskOptions, 'release' | 'listener'>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Before the task starts. */
  readonly prepare?: (play: Omit<Play, 'task' | 'pidOf' | 'made'>) => void | Promise<void>;
  readonly act?: (play: Play) => Promise<void>;
  readonly expects: Expectation;
}

interface Expectation {
  readonly ending: TaskEnding | readonly TaskEnding[];
  /** The listener's own exit code; null where it was killed before it had one. */
  readonly listener?: number | null;
  /** All states between `connecting` and `ended` but `idle`, which a job that is there already may skip. */
  readonly states?: readonly string[];
  /** The job's end at GitHub; null where it has none. */
  readonly conclusion?: Job['conclusion'];
  /** Conclusions of steps, by their names, as the worker told GitHub. */
  readonly steps?: Readonly<Record<string, string>>;
  /** What the annotations say, in order. */
  readonly annotations?: readonly (string | RegExp)[];
  /** What the listener prints, in this order. */
  readonly says?: readonly RegExp[];
  /** What it calls, in this order, other calls between them. */
  readonly calls?: readonly string[];
  /** Whether the files of its configuration stay. */
  readonly keepsConfiguration?: boolean;
}

/** What came of a case. */
export interface Seen {
  readonly code: number | null;
  /** The listener's own exit code. */
  readonly listener: number | null;
  readonly ending: string | undefined;
  readonly states: readonly string[];
  readonly conclusion: Job['conclusion'];
  readonly steps: Readonly<Record<string, string>>;
  readonly annotations: readonly string[];
  readonly output: string;
  /** Names of calls, one for each run of the same. */
  readonly calls: readonly string[];
  readonly keepsConfiguration: boolean;
  /** Commands of processes that outlived the supervisor, and files of the supervisor's that are left. */
  readonly leftover: readonly string[];
  readonly files: readonly string[];
  /** All logs that were uploaded. */
  readonly log: string;
  /** Since the task's start. `listening`: the first poll; `step`: the first step of the workflow. */
  readonly seconds: { readonly listening?: number; readonly step?: number; readonly end: number };
}

/** Plays a case with a release, or with the stand-in. Limits are short where the case names none. */
export async function play(played: Case, release: string | undefined): Promise<Seen> {
  const harness = await startHarness({ clock: createClock(1), keys, pollMs: POLL_MS, patienceMs: 0 });
  const { github } = harness;
  const wire = await layWire(github.url);
  const runner = await inTurn(() => jitConfig(harness, `runner-${LABEL}`, [LABEL]));
  const jobIds = played.job === undefined ? [] : queue(github, played.job, played.jobName);
  const jobId = jobIds[0] ?? 0;
  const job = () => github.jobs().find(({ id }) => id === jobId);
  const before = { wire, github, runnerId: runner.id, jobId, job };
  await played.prepare?.(before);
  const startedAtMs = Date.now();
  const task = await startTask({
    ...(release === undefined ? { listener: { isServed: true } } : { release }),
    jitConfig: played.options?.jitConfig ?? overWire(runner.encoded, github.url, wire.url),
    ...played.options,
    edit: (script) => (played.options?.edit ?? ((same) => same))(tellCode(script)),
    environment: { ...LIMITS, ...played.environment },
  });
  const playing: Play = {
    ...before,
    task,
    pidOf: (program) => pidOf(task, program),
    made: (file) => made(task, file),
  };
  try {
    await played.act?.(playing);
    const { leftover, ...ended } = await task.ended;
    await pause(200);
    return { ...ended, ...seen(playing, startedAtMs), leftover: leftover.map(({ command }) => command) };
  } catch (error) {
    throw new Error(`${played.title}: ${error}\n${task.output()}`, { cause: error });
  } finally {
    task.cleanUp();
    await wire.close();
    await harness.close();
  }
}

/** Octokit shares a token that is on its way with all clients of the same App, whichever GitHub they speak to. */
function inTurn<T>(action: () => Promise<T>): Promise<T> {
  const result = turn.then(action);
  turn = result.catch(() => undefined);
  return result;
}
let turn: Promise<unknown> = Promise.resolve();

/** What ECS gives a task, of which the real worker needs 13 s to interrupt a job. */
const LIMITS = { ONESHOT_STOP_TIMEOUT_SECONDS: '120', ONESHOT_UNSEAL_TIMEOUT_SECONDS: '30' };

/** The supervisor, which also writes down with what code its listener ended. */
const tellCode = (script: string): string =>
  script.replace(/^ {2}conclude_by_result "\$code"$/m, '  echo "$code" >"$ROOT/../listener-code"\n$&');

const queue = (github: GitHubWorld, definition: JobDefinition, name = 'build'): number[] =>
  github.queueRun({
    repository: 'acme/shop',
    jobs: [{ name, labels: [LABEL], durationSeconds: 1, definition }],
  });

/** The config with the wire's address. What the token's assertion is made for stays GitHub's own (WIRE-10). */
function overWire(encoded: string, from: string, to: string): string {
  const files = JSON.parse(Buffer.from(encoded, 'base64').toString()) as Record<string, string>;
  const edit = (name: string, change: (content: Record<string, unknown>) => unknown) => {
    const content = JSON.parse(Buffer.from(files[name] ?? '', 'base64').toString());
    files[name] = Buffer.from(JSON.stringify(change(content))).toString('base64');
  };
  edit('.runner', (content) => JSON.parse(JSON.stringify(content).replaceAll(from, to)));
  edit('.credentials', ({ data, ...rest }) => {
    const { authorizationUrl } = data as { authorizationUrl: string };
    return { ...rest, data: { ...(data as object), oauthEndpointUrl: authorizationUrl.replace(from, to) } };
  });
  return Buffer.from(JSON.stringify(files)).toString('base64');
}

function pidOf(task: Task, program: string): number {
  // A stand-in is a script: its interpreter comes first.
  const isIt = (command: string) =>
    command
      .split('\n')
      .slice(0, 3)
      .some((word) => word.endsWith(`/${program}`) || word.endsWith('/runner/listener.ts'));
  const isWorker = program === 'Runner.Worker';
  const found = task
    .processes()
    .find(({ command }) => isIt(command) && command.includes('spawnclient') === isWorker);
  if (found === undefined) throw new Error(`there is no ${program}`);
  return found.pid;
}

async function made(task: Task, file: string): Promise<void> {
  while (!existsSync(path.join(task.base, file))) {
    if (task.states().at(-1)?.state === 'ended') throw new Error(`it ended before it made ${file}`);
    await pause(50);
  }
}

/** What the worker tells GitHub at its end (WIRE-23). */
interface Told {
  readonly annotations?: readonly Annotation[];
  readonly stepResults?: readonly {
    readonly name: string;
    readonly type?: string;
    readonly conclusion: string;
    readonly started_at?: string;
    readonly annotations?: readonly Annotation[];
  }[];
}
interface Annotation {
  readonly title?: string;
  readonly message: string;
}

function seen({ task, wire, job }: Play, startedAtMs: number) {
  const bodies = wire.calls.filter(({ name }) => name === 'POST completejob').map(({ body }) => body);
  const { stepResults = [], annotations = [] } = JSON.parse(bodies[0] ?? '{}') as Told;
  const words = ({ title, message }: Annotation) => (title === undefined ? message : `${title}: ${message}`);
  const listener = path.join(task.base, 'listener-code');
  const uploads = wire.calls.filter(({ name }) => name.startsWith('PUT '));
  return {
    listener: existsSync(listener) ? Number(readFileSync(listener, 'utf8')) : null,
    conclusion: job()?.conclusion ?? null,
    steps: Object.fromEntries(stepResults.map(({ name, conclusion }) => [name, conclusion])),
    annotations: [...stepResults.flatMap((step) => step.annotations ?? []), ...annotations].map(words),
    output: task.output(),
    calls: wire.sequence(),
    keepsConfiguration: existsSync(path.join(task.root, '.credentials')),
    log: uploads.map(({ body }) => body).join('\n'),
    seconds: timesOf(wire, stepResults, startedAtMs),
  };
}

function timesOf(
  { calls }: Wire,
  steps: NonNullable<Told['stepResults']>,
  startedAtMs: number,
): Seen['seconds'] {
  const since = (ms: number | undefined) => (ms === undefined ? undefined : (ms - startedAtMs) / 1000);
  const listening = since(calls.find(({ name }) => name === 'GET message')?.atMs);
  const first = steps.find(({ type }) => type === 'run')?.started_at;
  const step = since(first === undefined ? undefined : Date.parse(first));
  const end = (Date.now() - startedAtMs) / 1000;
  return { ...(listening !== undefined && { listening }), ...(step !== undefined && { step }), end };
}
