import { randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Writes a file that a command beside this one may read: it sees the old text or the new one, never a part (rename(2)).
 * A link stays, and so do the file's permissions. Rejects as `writeFile` does, and leaves nothing behind.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const { mode } = await stat(target).catch(() => ({ mode: undefined }));
  const next = `${target}.${randomUUID()}`;
  try {
    await writeFile(next, text, { mode });
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
