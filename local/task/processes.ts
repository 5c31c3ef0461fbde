import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly command: string;
  readonly environment: string;
}

/** The processes that bear this runner's name in their environment: the supervisor and all that came of it. */
export function processesOf(runnerName: string): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), command: read(pid, 'cmdline'), environment: read(pid, 'environ') }))
    .filter(({ environment }) => environment.includes(`ONESHOT_RUNNER_NAME=${runnerName}\n`));
}

/** A job's steps die with the container, whatever the supervisor does; only what is ours must be gone before. */
export const isStep = ({ command, environment }: Process): boolean =>
  /^GITHUB_ACTIONS=/m.test(environment) && !command.includes('Runner.Worker');

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', '\n');
  } catch {
    return '';
  }
}

/** What a process has in its writable memory, as its own user reads it where ptrace is open (proc(5), /proc/pid/mem). */
export function memoryOf(pid: number): string {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8')
      .split('\n')
      .map((line) => /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line))
      .map((range) => (range ? readRegion(memory, Number(`0x${range[1]}`), Number(`0x${range[2]}`)) : ''))
      .join('');
  } finally {
    closeSync(memory);
  }
}

function readRegion(memory: number, from: number, to: number): string {
  const bytes = Buffer.alloc(to - from);
  return bytes.toString('latin1', 0, readSync(memory, bytes, 0, bytes.length, from));
}
