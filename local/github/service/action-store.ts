/** Actions as a local folder has them: `owner/name`, `owner/name@ref` or `owner/name@ref.tar.gz`. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { outputOf } from './child-output.ts';
import { commitOf, findEntry, gitArguments, isRepository } from './git.ts';

/** Where an action's files come from. */
type ActionSource =
  | { readonly kind: 'archive'; readonly file: string }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'repository'; readonly folder: string };

export interface FoundAction {
  readonly source: ActionSource;
  /** 40 hexadecimal digits: the commit, or what stands for one. */
  readonly sha: string;
}

interface ActionProblem {
  /** For the person whose workflow it is. */
  readonly problem: string;
}

const standIn = (text: string): string => createHash('sha1').update(text).digest('hex');

const isFolder = (file: string): boolean => statSync(file).isDirectory();

/** Finds `owner/name` at this branch, tag or commit below `root`. A plain `owner/name` serves any of them. */
export function findAction(root: string | undefined, name: string, ref: string): FoundAction | ActionProblem {
  if (root === undefined)
    return { problem: `${name}@${ref} cannot be had: this world was started without a folder of actions` };
  // Slashes are folders of a branch's name; nothing leads out of the folder.
  const isPlain = /^[\w.-]+$/.test(ref);
  const archive = isPlain ? findEntry(root, name, `@${ref}.tar.gz`) : undefined;
  const pinned = isPlain ? findEntry(root, name, `@${ref}`) : undefined;
  const sha = standIn(`${name}@${ref}`);
  if (pinned !== undefined && isFolder(pinned)) return { source: { kind: 'folder', folder: pinned }, sha };
  if (archive !== undefined) return { source: { kind: 'archive', file: archive }, sha };
  return unpinned(root, name, ref) ?? { problem: missing(root, name, ref) };
}

function unpinned(root: string, name: string, ref: string): FoundAction | ActionProblem | undefined {
  const folder = findEntry(root, name);
  if (folder === undefined || !isFolder(folder)) return undefined;
  if (!isRepository(folder)) return { source: { kind: 'folder', folder }, sha: standIn(`${name}@${ref}`) };
  const sha = commitOf(folder, ref);
  return sha === undefined
    ? { problem: `${folder} has no branch, tag or commit ${ref}, which ${name}@${ref} asks for` }
    : { source: { kind: 'repository', folder }, sha };
}

const missing = (root: string, name: string, ref: string): string => {
  const place = path.join(root, name);
  return `${name}@${ref} is not in the folder of actions. Put it at ${place} (a git repository, or a folder with its action.yml), at ${place}@${ref} (a folder) or at ${place}@${ref}.tar.gz (as GitHub packs it)`;
};

/** The archive, a gzipped tar of one top folder. */
export function openArchive({ source, sha }: FoundAction): Readable {
  switch (source.kind) {
    case 'archive':
      return createReadStream(source.file);
    case 'folder': {
      const { dir, base } = path.parse(source.folder);
      return outputOf('tar', ['-czf', '-', '--exclude', '.git', '-C', dir, `./${base}`]);
    }
    case 'repository': {
      const args = ['archive', '--format=tar.gz', `--prefix=${sha}/`, sha];
      return outputOf('git', gitArguments(source.folder, args));
    }
  }
}
