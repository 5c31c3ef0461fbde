import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FakeRelease, makeRelease } from '../../fixtures/fake-release.ts';

const START = path.join(import.meta.dirname, '../../../local/start.ts');

/** `npm start` with a fake release, and everything temporary in a folder of its own. */
function startWith(fake: FakeRelease, ...args: string[]) {
  const base = mkdtempSync(path.join(os.tmpdir(), 'oneshot-runner-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const temporary = path.join(base, 'tmp');
  mkdirSync(temporary);
  const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: '', COLUMNS: '', TMPDIR: temporary };
  const runner = makeRelease(path.join(base, 'release'), fake);
  const child = spawn(process.execPath, [START, '--runner', runner, ...args], { env });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  return {
    child,
    printed: () => printed,
    leftover: () => [...readdirSync(temporary), ...processesOf(temporary)],
  };
}

const ended = async (child: ChildProcess) => {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
};

/** The processes that were started with a path below the folder. */
const processesOf = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').includes(`=${folder}/`);
    } catch {
      return false;
    }
  });

const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 100));
};

describe('npm start -- --runner', () => {
  it('should end with what it said where a release ends before it listens for jobs', {
    timeout: 600_000,
  }, async () => {
    const { child, printed, leftover } = startWith(
      { runs: 'echo "Unhandled exception."; exit 134' },
      '--jobs',
      '1',
    );
    expect(await ended(child)).toBe(1);
    expect(printed()).toMatch(/ended before it listened for jobs \(exit code 21, never-connected\)/);
    expect(printed()).toContain('| Unhandled exception.');
    expect(leftover()).toEqual([]);
  });

  it.each([1, 2])('should leave nothing behind after %i Ctrl-C', { timeout: 600_000 }, async (count) => {
    const { child, leftover } = startWith({ runs: 'exec sleep 999' }, '--jobs', '1');
    await until(() => leftover().length > 2);
    for (let sent = 0; sent < count; sent++) child.kill('SIGINT');
    expect(await ended(child)).toBe(130);
    expect(leftover()).toEqual([]);
  });
});
