import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { CliError, EXIT } from '../errors.ts';

/** Throws CliError unless the folder can be made or written: osls would die halfway. */
export async function requireWritable(folder: string): Promise<void> {
  const nearest = await nearestThere(folder);
  const fix = 'give another folder';
  if (!(await stat(nearest)).isDirectory()) throw new CliError(`${nearest} is not a folder`, fix, EXIT.usage);
  await access(nearest, constants.W_OK).catch((cause: unknown) => {
    throw new CliError(`${nearest} cannot be written`, fix, EXIT.usage, cause);
  });
}

/** The folder itself, or the nearest above it that is there. */
async function nearestThere(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  const above = path.dirname(folder);
  return isThere || above === folder ? folder : nearestThere(above);
}
