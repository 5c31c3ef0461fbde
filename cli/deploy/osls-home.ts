import { access, constants, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * What osls is told of where it may write. It keeps its compiled schema in the home folder, which saves two seconds, and
 * dies where it cannot: there it gets the folder that it runs in. HOME itself stays, as credentials are found by it.
 */
export async function oslsHome(ownFolder: string): Promise<Readonly<Record<string, string>>> {
  return (await canKeep()) ? {} : { SLS_SCHEMA_CACHE_BASE_DIR: ownFolder };
}

async function canKeep(): Promise<boolean> {
  try {
    const folder = path.join(homedir(), '.serverless');
    // Not recursive: below /proc Node would loop forever.
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
