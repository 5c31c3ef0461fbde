import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layOutRelease } from '../../local/runner/prepare-root.ts';
import { readRunnerRelease, releaseNear } from '../../local/world/runner-release.ts';
import { type FakeRelease, makeRelease } from '../fixtures/fake-release.ts';

let base: string;

beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'oneshot-release-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const release = (changes?: FakeRelease) => makeRelease(path.join(base, 'release'), changes);

describe('readRunnerRelease', () => {
  it('should say where it is and which version', async () => {
    const directory = release({ version: '2.400.1' });
    expect(await readRunnerRelease(directory)).toEqual({ directory, version: '2.400.1' });
    const relative = path.relative(process.cwd(), directory);
    expect(await readRunnerRelease(relative)).toMatchObject({ directory });
    const home = process.env['HOME'];
    process.env['HOME'] = base;
    expect(await readRunnerRelease('~/release')).toMatchObject({ directory });
    process.env['HOME'] = home;
  });

  const REFUSALS: readonly [string, FakeRelease, string][] = [
    ['has no worker', { without: ['bin/Runner.Worker'] }, 'bin/Runner.Worker is missing'],
    ['has no externals', { without: ['externals'] }, 'externals is missing'],
    ['has externals without Node.js', { without: ['externals/node24'] }, 'externals has no Node.js'],
    ['cannot be executed', { mode: 0o644 }, 'bin/Runner.Listener is not executable'],
    ['crashes', { says: 'echo no ICU >&2; exit 134' }, '--version ended with exit code 134: no ICU'],
    ['is for another machine', { text: '\u007fELF' }, 'does not start here'],
    ['says no version', { says: 'echo hello; exit' }, 'told no version: hello'],
  ];

  it.each(REFUSALS)('should refuse one that %s', async (_, changes, message) => {
    await expect(readRunnerRelease(release(changes))).rejects.toThrow(message);
  });

  it('should name all that is missing, and where there is one to download', async () => {
    const empty = path.join(base, 'empty');
    mkdirSync(empty);
    await expect(readRunnerRelease(empty)).rejects.toMatchObject({
      message: expect.stringMatching(
        /Runner\.Listener is missing; .*Runner\.Worker is missing; externals is missing/,
      ),
      fix: expect.stringContaining('https://github.com/actions/runner/releases'),
      exitCode: 2,
    });
    await expect(readRunnerRelease(path.join(base, 'nothing'))).rejects.toThrow('is not a directory');
  });
});

describe('layOutRelease', () => {
  it('should make a root of hard links, and nothing of what a configured runner left', async () => {
    const directory = release();
    writeFileSync(path.join(directory, '.credentials'), 'a key');
    const near = releaseNear(await readRunnerRelease(directory), base);
    const root = path.join(base, 'root');
    layOutRelease(root, near.directory);
    const file = 'bin/Runner.Listener';
    expect(statSync(path.join(root, file)).ino).toBe(statSync(path.join(directory, file)).ino);
    expect(lstatSync(path.join(root, 'bin')).isSymbolicLink()).toBe(false);
    expect(existsSync(path.join(root, 'bin/checkScripts/check.js'))).toBe(true);
    expect(existsSync(path.join(root, 'externals/node24/bin/node'))).toBe(true);
    expect(existsSync(path.join(root, '.credentials'))).toBe(false);
    // The root's end is not the release's.
    rmSync(root, { recursive: true });
    expect(existsSync(path.join(directory, 'externals/node24/bin/node'))).toBe(true);
  });

  it.skipIf(!existsSync('/dev/shm'))('should copy the programs once to another file system', async () => {
    const elsewhere = mkdtempSync('/dev/shm/oneshot-release-');
    try {
      const read = await readRunnerRelease(release());
      const near = releaseNear(read, elsewhere);
      expect(near.directory.startsWith(elsewhere)).toBe(true);
      const roots = ['one', 'two'].map((name) => path.join(elsewhere, name));
      for (const root of roots) layOutRelease(root, near.directory);
      const [one, two] = roots.map((root) => statSync(path.join(root, 'bin/Runner.Worker')).ino);
      expect(one).toBe(two);
      expect(existsSync(path.join(elsewhere, 'one/externals/node24/bin/node'))).toBe(true);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
