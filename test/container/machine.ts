import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');

const COMMANDS = ['buildah', 'podman', 'runc', 'debootstrap'];

/** Why this machine cannot build and run an image, with what would help; `undefined` where it can. */
export function whyNot(): string | undefined {
  const absent = COMMANDS.filter((command) => !isThere(command));
  if (process.platform !== 'linux' || absent.length > 0)
    return `needs ${COMMANDS.join(', ')}; on Debian: apt-get install --no-install-recommends ${absent.join(' ')}`;
  return process.getuid?.() === 0 ? undefined : 'needs root, for debootstrap and chroot';
}

const isThere = (command: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(path.join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, whatever its exit code. */
export const run = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } };
    execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });

/** Runs a command that is to succeed, its output shown to the person who waits: each of these takes a minute. */
export function succeed(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
