import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The commit that is checked out. Undefined where the folder is not the root of a git repository, or git is missing. */
export async function headOf(folder: string): Promise<string | undefined> {
  const git = async (...words: string[]) => (await run('git', ['-C', folder, ...words])).stdout.trim();
  try {
    if ((await git('rev-parse', '--show-toplevel')) !== (await realpath(folder))) return undefined;
    return await git('rev-parse', 'HEAD');
  } catch {
    return undefined;
  }
}
