import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { layOutRelease } from '../../local/runner/prepare-root.ts';

it('should lay out a root from a release, whose programs are in that root and which stays as it is', ({
  onTestFinished,
}) => {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oneshot-release-')));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const [release, root] = [path.join(base, 'release'), path.join(base, 'root')];
  mkdirSync(path.join(release, 'bin', 'de'), { recursive: true });
  mkdirSync(path.join(release, 'externals', 'node24'), { recursive: true });
  writeFileSync(path.join(release, 'bin', 'Runner.Listener'), 'program', { mode: 0o755 });
  writeFileSync(path.join(release, 'bin', 'de', 'messages'), 'Hallo');
  layOutRelease(root, release);
  const program = path.join(root, 'bin', 'Runner.Listener');
  // The listener's root is the folder above the real place of its program (LISTENER-54).
  expect(realpathSync(program)).toBe(program);
  expect(readFileSync(path.join(root, 'bin', 'de', 'messages'), 'utf8')).toBe('Hallo');
  expect(readdirSync(path.join(root, 'externals'))).toEqual(['node24']);
  rmSync(root, { recursive: true });
  expect(readFileSync(path.join(release, 'bin', 'Runner.Listener'), 'utf8')).toBe('program');
  expect(readdirSync(path.join(release, 'externals'))).toEqual(['node24']);
});
