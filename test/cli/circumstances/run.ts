import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = path.join(import.meta.dirname, '../../..');

/** How a command ended: `code` is `undefined` where it did not end by itself. */
export interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The person's folder, if another command runs in it too. */
  readonly folder?: string;
  /** Where its answer goes: all is read, nothing is read, or a file. */
  readonly stdout?: 'read' | 'closed' | 'file';
  /** It stays once it has answered: then Ctrl-C is pressed. */
  readonly stays?: boolean;
  /** Is called when it prints something of its answer. */
  readonly onAnswer?: () => void;
  /** Resolves when Ctrl-C is pressed. */
  readonly interrupted?: Promise<unknown>;
}

/** A command that hangs is a fault, whatever the machine does meanwhile. */
const PATIENCE_MS = 120_000;

/** In a folder with a `runners.yml`, in a shell that knows nothing of AWS, without a terminal. */
export async function run(running: Running): Promise<Ended> {
  const folder = running.folder ?? makeFolder();
  try {
    return await runIn(folder, running);
  } finally {
    if (running.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

export function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-person-'));
  cpSync(path.join(ROOT, 'runners.yml'), path.join(folder, 'runners.yml'));
  return folder;
}

/** `true` has ended before the program writes, as `head` has when it has read enough. */
const INTO_TRUE = ['bash', '-o', 'pipefail', '-c', '"$@" | true', 'bash'];

async function runIn(folder: string, { program, args, environment, stdout = 'read', ...until }: Running) {
  const file = path.join(folder, 'answer');
  const handle = stdout === 'file' ? openSync(file, 'w') : undefined;
  const env = {
    ...{ PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', AWS_EC2_METADATA_DISABLED: 'true' },
    ...environment,
  };
  const [command = '', ...rest] = [
    ...(stdout === 'closed' ? INTO_TRUE : []),
    process.execPath,
    program,
    ...args,
  ];
  const child = spawn(command, rest, {
    ...{ cwd: folder, env, stdio: ['ignore', handle ?? 'pipe', 'pipe'] },
  });
  if (handle !== undefined) closeSync(handle);
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const interrupt = () => child.kill('SIGINT');
  void until.interrupted?.then(interrupt);
  if (until.onAnswer) child.stdout?.once('data', until.onAnswer);
  if (until.stays) child.stdout?.once('data', interrupt);
  if (until.stays && stdout === 'file') void whenWritten(file).then(interrupt);
  const [code, signal] = await once(child, 'close');
  clearTimeout(late);
  return {
    code: signal === null ? Number(code) : undefined,
    stdout: stdout === 'file' ? readFileSync(file, 'utf8') : texts.stdout,
    stderr: texts.stderr,
  };
}

async function whenWritten(file: string): Promise<void> {
  while (existsSync(file) && readFileSync(file, 'utf8') === '') await pause(50);
}
