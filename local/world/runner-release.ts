/** An unpacked release of actions/runner, as its users download it. */
import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CliError, EXIT } from '../../cli/errors.ts';
import { canLink } from '../runner/prepare-root.ts';

export interface RunnerRelease {
  /** Where it is unpacked: absolute, and no link. */
  readonly directory: string;
  /** As `bin/Runner.Listener --version` says it: `2.336.0`. */
  readonly version: string;
}

/** Where releases are, for messages. */
const RELEASES = 'https://github.com/actions/runner/releases';
const PROGRAMS = ['bin/Runner.Listener', 'bin/Runner.Worker'];
/** Node.js for actions; the worker looks for it beside `bin`. */
const EXTERNALS = 'externals';
const VERSION_WITHIN_MS = 30_000;

/**
 * Reads which release is unpacked in a directory: absolute, relative, or below `~`. Throws a CliError that says what is
 * missing, and what to do, where none is, or where it does not start on this machine.
 */
export async function readRunnerRelease(asked: string): Promise<RunnerRelease> {
  const resolved = path.resolve(asked.replace(/^~(?=\/|$)/, os.homedir()));
  if (!isDirectory(resolved)) throw unusable(`${asked} is not a directory`);
  const directory = realpathSync(resolved);
  const problems = [
    ...PROGRAMS.flatMap((name) => problemOf(directory, name)),
    ...problemOfExternals(directory),
  ];
  if (problems.length > 0) throw unusable(`${asked} is not an unpacked runner: ${problems.join('; ')}`);
  return { directory, version: await askVersion(path.join(directory, 'bin/Runner.Listener'), asked) };
}

function problemOf(directory: string, name: string): string[] {
  const file = path.join(directory, name);
  if (!existsSync(file)) return [`${name} is missing`];
  try {
    if (!statSync(file).isFile()) return [`${name} is not a file`];
    accessSync(file, constants.X_OK);
    return [];
  } catch {
    return [`${name} is not executable (chmod +x)`];
  }
}

function problemOfExternals(directory: string): string[] {
  const folder = path.join(directory, EXTERNALS);
  if (!isDirectory(folder)) return [`${EXTERNALS} is missing`];
  const hasNode = readdirSync(folder).some((name) => existsSync(path.join(folder, name, 'bin/node')));
  return hasNode ? [] : [`${EXTERNALS} has no Node.js (node24/bin/node)`];
}

const isDirectory = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

const unusable = (problem: string): CliError =>
  new CliError(
    problem,
    `download actions-runner-linux-${process.arch}-VERSION.tar.gz from ${RELEASES}, unpack it into a folder, and name that`,
    EXIT.usage,
  );

function askVersion(listener: string, asked: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(listener, ['--version'], { timeout: VERSION_WITHIN_MS }, (error, stdout, stderr) => {
      const version = /^\d+\.\d+\.\d+\S*$/m.exec(stdout)?.[0];
      if (error === null && version !== undefined) return resolve(version);
      const said = firstLine(stderr) || firstLine(stdout) || 'it printed nothing';
      reject(
        new CliError(
          `the runner in ${asked} does not start here: bin/Runner.Listener --version ${howItEnded(error)}: ${said}`,
          'see that it is made for this machine (x64 or arm64, Linux), and install what it needs with bin/installdependencies.sh',
          EXIT.usage,
        ),
      );
    });
  });
}

function howItEnded(error: (Error & { code?: unknown; signal?: unknown; killed?: boolean }) | null): string {
  if (error === null) return 'told no version';
  if (error.killed) return `did not end within ${VERSION_WITHIN_MS / 1000} s`;
  if (typeof error.code === 'number') return `ended with exit code ${error.code}`;
  return error.signal ? `was ended by ${error.signal}` : `could not be run (${error.code})`;
}

const firstLine = (text: string): string => text.trim().split('\n', 1)[0]?.slice(0, 200) ?? '';

/**
 * The same release where roots below `base` can be hard links to its files: itself, or a copy of its programs where
 * `base` is on another file system or the files are another user's (proc(5), protected_hardlinks).
 */
export function releaseNear(release: RunnerRelease, base: string): RunnerRelease {
  mkdirSync(base, { recursive: true });
  if (canLink(path.join(release.directory, PROGRAMS[0] ?? ''), path.join(base, '.link'))) return release;
  const directory = path.join(base, `runner-${release.version}`);
  cpSync(path.join(release.directory, 'bin'), path.join(directory, 'bin'), {
    recursive: true,
    dereference: true,
    mode: constants.COPYFILE_FICLONE,
  });
  symlinkSync(path.join(release.directory, EXTERNALS), path.join(directory, EXTERNALS));
  return { ...release, directory };
}
