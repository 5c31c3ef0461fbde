/** Git as the embedded GitHub calls it: on repositories of a user, without that user's settings. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { devNull } from 'node:os';
import path from 'node:path';

/** Another user's folder is served as well: nothing in it is run. */
const SETTINGS = ['-c', 'safe.directory=*', '-c', 'uploadpack.allowAnySHA1InWant=true'];
const MOST_OUTPUT_BYTES = 1024 ** 2;
const LIMIT_MS = 60_000;

/** Nothing of this process, which may itself be run by git. */
export const gitEnvironment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_TERMINAL_PROMPT: '0',
  ...more,
});

/** What `git -C directory ARGS` is called with. */
export const gitArguments = (directory: string, args: readonly string[]): string[] => [
  '-C',
  directory,
  ...SETTINGS,
  ...args,
];

/** The trimmed output; throws where git refuses. */
export const git = (
  directory: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string =>
  execFileSync('git', gitArguments(directory, args), {
    env: gitEnvironment(environment),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    maxBuffer: MOST_OUTPUT_BYTES,
  }).trim();

/** The commit that a branch, tag or name of a commit stands for. */
export function commitOf(directory: string, ref: string): string | undefined {
  try {
    return git(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  } catch {
    return undefined;
  }
}

/** Itself a repository, bare or with a work tree: one that has it somewhere above does not count. */
export const isRepository = (directory: string): boolean =>
  existsSync(path.join(directory, '.git')) ||
  ['HEAD', 'objects', 'refs'].every((name) => existsSync(path.join(directory, name)));

/** Among the entries of the folder, so that no name leads out of it. */
const entry = (directory: string, name: string): string | undefined => {
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const found = names.includes(name) ? name : names.find((each) => each.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : path.join(directory, found);
};

/** What `root` has at `owner/name` followed by `suffix`, in any case, as GitHub reads names. */
export function findEntry(root: string, fullName: string, suffix = ''): string | undefined {
  const [owner = '', name = '', ...rest] = fullName.split('/');
  if (rest.length > 0) return undefined;
  const folder = entry(root, owner);
  return folder === undefined ? undefined : entry(folder, `${name}${suffix}`);
}
