import { readdirSync, readFileSync } from 'node:fs';

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
  environment.includes('STANDIN_SECONDS=') && !command.includes('Runner.Worker');

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', '\n');
  } catch {
    return '';
  }
}
