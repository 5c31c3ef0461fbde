import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { NODE, NODE_VERSION } from './installed.ts';

const ROOT = path.join(import.meta.dirname, '../..');

it(`should install without a warning: no engine, no install script that nobody decided on, on Node ${NODE_VERSION}`, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'oneshot-quiet-'));
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      await cp(path.join(ROOT, file), path.join(folder, file));
    expect(await npmCi(folder)).toEqual({ code: 0, stderr: '' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

// npm says so of each only while it unpacks, which a dry run does not.
it('should install no package that its authors have given up', async () => {
  const { packages } = JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const old = Object.entries<{ deprecated?: string }>(packages).filter(([, { deprecated }]) => deprecated);
  expect(old).toEqual([]);
});

/** What `npm ci` says before it would download, under the Node of this machine and without what its owner set. */
function npmCi(cwd: string): Promise<{ code: number; stderr: string }> {
  const PATH = [path.dirname(NODE), process.env['PATH']].join(path.delimiter);
  const args = [
    'ci',
    '--dry-run',
    '--offline',
    '--no-update-notifier',
    '--userconfig',
    path.join(cwd, 'no-user.npmrc'),
  ];
  const env = { PATH, HOME: process.env['HOME'] };
  return new Promise((resolve) => {
    execFile('npm', args, { cwd, env }, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
}
