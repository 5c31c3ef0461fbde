/** Repositories as a local folder has them, `owner/name`: a git repository, or a folder whose files are committed once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commitOf, findEntry, git, isRepository } from './git.ts';

export interface Head {
  /** 40 hexadecimal digits. */
  readonly sha: string;
  /** The branch that is checked out: `main`. */
  readonly branch: string;
}

/** The same files give the same commit. */
const COMMITTER = {
  GIT_AUTHOR_NAME: 'octocat',
  GIT_AUTHOR_EMAIL: 'octocat@github.com',
  GIT_AUTHOR_DATE: '2024-02-01T09:00:00Z',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.com',
  GIT_COMMITTER_DATE: '2024-02-01T09:00:00Z',
};

export class Repositories {
  readonly #root: string | undefined;
  /** Git directories of plain folders. */
  readonly #made = new Map<string, string>();

  constructor(root: string | undefined) {
    this.#root = root;
  }

  /** Where git finds it; undefined where the folder has none of this name (`owner/name`, in any case). */
  find(fullName: string): string | undefined {
    const folder = this.#root === undefined ? undefined : findEntry(this.#root, fullName);
    if (folder === undefined || isRepository(folder)) return folder;
    const made = this.#made.get(folder) ?? commitFolder(folder);
    this.#made.set(folder, made);
    return made;
  }

  /** Its newest commit; undefined where there is no repository, or no commit in it. */
  headOf(fullName: string): Head | undefined {
    const repository = this.find(fullName);
    const sha = repository === undefined ? undefined : commitOf(repository, 'HEAD');
    return repository === undefined || sha === undefined ? undefined : { sha, branch: branchOf(repository) };
  }

  close(): void {
    for (const made of this.#made.values()) rmSync(made, { recursive: true, force: true });
    this.#made.clear();
  }
}

/** `main` where a commit is checked out, and no branch. */
function branchOf(repository: string): string {
  try {
    return git(repository, ['symbolic-ref', '--short', 'HEAD']);
  } catch {
    return 'main';
  }
}

function commitFolder(folder: string): string {
  const made = mkdtempSync(path.join(tmpdir(), 'oneshot-repository-'));
  const here = ['--git-dir', made, '--work-tree', folder];
  git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', made]);
  git(folder, [...here, 'add', '--all', '.']);
  git(folder, [...here, 'commit', '--quiet', '--allow-empty', '--message', 'All files'], COMMITTER);
  return made;
}
