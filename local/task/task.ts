import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dated } from '../runner/journal.ts';
import { layOutRelease, layOutRunnerRoot } from '../runner/prepare-root.ts';
import type { StandInScript } from '../runner/script.ts';
import { writeScript } from '../runner/script.ts';
import { isStep, type Process, processesOf } from './processes.ts';
import { type Answer, startTaskServices, type TaskServices } from './services.ts';

/** `ONESHOT_TEST_ENTRYPOINT` names another script, to see these tests go red. */
export const ENTRYPOINT =
  process.env['ONESHOT_TEST_ENTRYPOINT'] ?? path.join(import.meta.dirname, '../../image/entrypoint.sh');

export interface TaskOptions {
  readonly listener?: StandInScript;
  /** An unpacked release of the official runner, which is started instead of the stand-in. */
  readonly release?: string;
  /** What generate-jitconfig answered as `encoded_jit_config`. Without one it is a config that nobody can use. */
  readonly jitConfig?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly credentials?: readonly Answer[];
  readonly kms?: readonly Answer[];
  /** As `bash -c "$(cat entrypoint.sh)"`, which is what the task definition does. */
  readonly isText?: boolean;
  /** The text, but for what a test does to it. */
  readonly edit?: (script: string) => string;
  /** As PID 1 of a PID namespace of its own. */
  readonly isInit?: boolean;
  /** On a clock of the test's own, which stands still until it is set. */
  readonly hasClock?: boolean;
  /** What the root has in `.env` before. */
  readonly dotEnv?: string;
  readonly onLaidOut?: (root: string) => void;
}

interface StateLine {
  readonly state: string;
  readonly runner: string;
  readonly seconds: number;
  readonly ending?: string;
  readonly exitCode?: number;
  readonly reason?: string;
}

interface Ended {
  readonly code: number | null;
  readonly ending: string | undefined;
  readonly states: readonly string[];
  /** Our processes that outlived the supervisor. */
  readonly leftover: readonly Process[];
  /** What the temporary directory and the root still hold of the supervisor's. */
  readonly files: readonly string[];
}

export interface Task {
  readonly name: string;
  readonly base: string;
  readonly root: string;
  readonly services: TaskServices;
  readonly output: () => string;
  /** What the stand-in says of what really happened. */
  readonly journal: () => Dated[];
  /** Seconds since the task's start, as the supervisor sees it. Needs `hasClock`. */
  readonly setClock: (seconds: number) => void;
  readonly states: () => StateLine[];
  readonly processes: () => Process[];
  /** Resolves when the supervisor has told this state, rejects when it ended without. */
  readonly reaches: (state: string) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
  readonly cleanUp: () => void;
}

let count = 0;

/** Runs the real supervisor with a scripted listener, one-second limits where a test sets no other. */
export async function startTask(options: TaskOptions = {}): Promise<Task> {
  const services = await startTaskServices(options, options.jitConfig);
  const name = `test-${process.pid}-${Date.now().toString(36)}-${count++}`;
  const base = mkdtempSync(path.join(tmpdir(), 'oneshot-image-'));
  const root = path.join(base, 'runner');
  mkdirSync(path.join(base, 'tmp'));
  const journal = path.join(base, 'journal');
  if (options.release !== undefined) layOutRelease(root, options.release);
  else {
    layOutRunnerRoot(root);
    writeScript(root, { ...options.listener, journal });
  }
  const setClock = clockOf(base);
  if (options.hasClock) setClock(0);
  if (options.dotEnv !== undefined) writeFileSync(path.join(root, '.env'), options.dotEnv, { mode: 0o644 });
  options.onLaidOut?.(root);
  const [command, ...args] = commandOf(options, base);
  const env = { ...environmentOf(name, base, services), ...options.environment };
  const child = spawn(command, args, { env, cwd: base, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += String(data)));
  const states = () => stateLines(output);
  const ended = ending(child, name, base, states);
  // A test that does not ask for it may be over before.
  ended.catch(() => undefined);
  return {
    name,
    base,
    root,
    services,
    output: () => output,
    journal: () => linesOf(journal).map((line) => JSON.parse(line) as Dated),
    setClock,
    states,
    processes: () => processesOf(name),
    reaches: (state) =>
      until(
        () => states().some((line) => line.state === state),
        child,
        () => output,
      ),
    signal: (signal) => void process.kill(supervisorPid(child, name, options), signal),
    ended,
    cleanUp() {
      killGroup(child);
      // A worker that its listener left has a group of its own.
      for (const { pid } of processesOf(name)) killProcess(pid);
      services.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function commandOf(options: TaskOptions, base: string): [string, ...string[]] {
  const { isText, isInit, hasClock, edit = (script) => script } = options;
  const original = readFileSync(ENTRYPOINT, 'utf8');
  const script = edit(original);
  if (options.edit && script === original) throw new Error('the edit changed nothing of the supervisor');
  const warped = script.replaceAll('/proc/uptime', path.join(base, 'uptime'));
  const plain: [string, ...string[]] =
    isText || hasClock || options.edit ? ['bash', '-c', hasClock ? warped : script] : ['bash', ENTRYPOINT];
  return isInit ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', ...plain] : plain;
}

/** The supervisor's clock as a file. Replaced as a whole, so that nobody reads half of it. */
const clockOf = (base: string) => (seconds: number) => {
  writeFileSync(path.join(base, 'uptime.new'), `${(1000 + seconds).toFixed(2)} 0.00\n`);
  renameSync(path.join(base, 'uptime.new'), path.join(base, 'uptime'));
};

const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];

function environmentOf(name: string, base: string, { url, secrets }: TaskServices): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: base,
    TMPDIR: path.join(base, 'tmp'),
    AWS_REGION: 'us-east-1',
    ONESHOT_KMS_URL: url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}${secrets.credentialsPath}`,
    ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/metadata`,
    ONESHOT_RUNNER_NAME: name,
    ONESHOT_RUNNER_ID: '7',
    ONESHOT_STACK: 'oneshot-test',
    ONESHOT_SEALED_CONFIG: secrets.sealedConfig,
    ONESHOT_RUNNER_ROOT: path.join(base, 'runner'),
    // Without it the supervisor would make one on the machine that runs the tests.
    RUNNER_TOOL_CACHE: path.join(base, 'tools'),
    ONESHOT_STOP_TIMEOUT_SECONDS: '4',
    ONESHOT_UNSEAL_TIMEOUT_SECONDS: '20',
  };
}

function stateLines(output: string): StateLine[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"oneshot":"state"'))
    .map((line) => JSON.parse(line) as StateLine);
}

async function until(isSo: () => boolean, child: ChildProcess, output: () => string): Promise<void> {
  while (!isSo()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function ending(
  child: ChildProcess,
  name: string,
  base: string,
  states: () => StateLine[],
): Promise<Ended> {
  const [code] = (await once(child, 'exit')) as [number | null];
  const ours = () => processesOf(name).filter((process) => !isStep(process));
  // A killed process is still there for an instant.
  for (let tries = 0; tries < 10 && ours().length > 0; tries++) await new Promise((r) => setTimeout(r, 30));
  const leftover = ours();
  const files = [
    // A .NET program that is killed leaves its pipes for debuggers there.
    ...readdirSync(path.join(base, 'tmp')).filter((file) => !/^(clr-debug|dotnet)-/.test(file)),
    ...readdirSync(path.join(base, 'runner')).filter((file) => /^\.(oneshot|env)/.test(file)),
  ];
  killGroup(child);
  if (child.stdout && !child.stdout.closed) await once(child.stdout, 'close');
  const last = states().at(-1);
  return { code, ending: last?.ending, states: states().map(({ state }) => state), leftover, files };
}

/** unshare is between us and the supervisor; a container runtime signals the supervisor itself. */
function supervisorPid(child: ChildProcess, name: string, { isInit }: TaskOptions): number {
  if (!isInit) return child.pid ?? 0;
  return processesOf(name).find(({ command }) => command.endsWith('\nsupervise\n'))?.pid ?? 0;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) killProcess(-pid);
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}
