import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildPackage } from '../../../scripts/build-package.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

/** The command line as users have it, in a folder of its own. */
export interface Program {
  readonly file: string;
  remove(): Promise<void>;
}

export async function buildProgram(): Promise<Program> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oneshot-program-'));
  for (const name of ['package.json', 'runners.yml'])
    await cp(path.join(ROOT, name), path.join(folder, name));
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  await buildPackage(path.join(folder, 'dist'));
  return {
    file: path.join(folder, 'dist/cli/oneshot.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
