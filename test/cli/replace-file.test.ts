import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from '../../cli/replace-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'oneshot-replace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a file that is replaced', () => {
  it('should keep its permissions, and the link that leads to it', async () => {
    const [file, link] = [path.join(folder, 'file'), path.join(folder, 'link')];
    await replaceFile(file, 'one');
    chmodSync(file, 0o640);
    symlinkSync(file, link);
    await replaceFile(link, 'two');
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['file', 'link']);
  });

  it('should leave nothing behind where it cannot be', async () => {
    // A folder takes no file's name.
    await expect(replaceFile(folder, 'text')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(
      readdirSync(path.dirname(folder)).filter((name) => name.startsWith(path.basename(folder))),
    ).toEqual([path.basename(folder)]);
  });
});
