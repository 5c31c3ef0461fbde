import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from './github-harness.ts';
import { startWorker, type Worker } from './worker-harness.ts';

const root = mkdtempSync(path.join(tmpdir(), 'oneshot-actions-'));
afterAll(() => rmSync(root, { recursive: true }));

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
  }).trim();

function folder(name: string, text: string): string {
  const made = path.join(root, name);
  mkdirSync(made, { recursive: true });
  writeFileSync(path.join(made, 'action.yml'), `name: ${text}\n`);
  return made;
}

let first = '';
beforeAll(() => {
  folder('acme/plain', 'plain');
  const pinned = folder('acme/pinned@v2', 'pinned');
  mkdirSync(path.join(pinned, '.git'));
  const packed = folder('packed-1', 'packed');
  execFileSync('tar', [
    '-czf',
    path.join(root, 'acme/packed@v1.tar.gz'),
    '-C',
    path.dirname(packed),
    'packed-1',
  ]);
  const repository = folder('acme/versioned', 'first');
  git(repository, 'init', '--quiet', '--initial-branch=main');
  git(repository, 'add', '.');
  git(repository, 'commit', '--quiet', '-m', 'first');
  first = git(repository, 'rev-parse', 'HEAD');
  git(repository, 'tag', '-a', 'v1', '-m', 'v1');
  folder('acme/versioned', 'second');
  git(repository, 'commit', '--quiet', '-am', 'second');
  git(repository, 'branch', 'releases/v2');
});

let harness: Harness;
let worker: Worker;
async function start(options: { actions?: string } = { actions: root }): Promise<void> {
  harness = await startHarness(options);
  worker = startWorker(harness);
}
afterEach(() => harness.close());

interface Resolved {
  readonly actions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly errors?: Readonly<Record<string, { message: string }>>;
}

async function resolve(actions: [string, string][], { record, post } = worker) {
  const call = `actions/build/${record.planGuid}/jobs/${record.guid}/runnerresolve/actions`;
  const asked = actions.map(([action, version]) => ({ action, version, path: '' }));
  const response = await post(`${worker.addresses.launch}${call}`, { actions: asked });
  return { status: response.status, body: (await response.json()) as Resolved };
}

/** The top folders of an archive, and its action.yml. */
async function unpack(url: string) {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const into = mkdtempSync(path.join(tmpdir(), 'oneshot-unpacked-'));
  writeFileSync(path.join(into, 'a.tar.gz'), Buffer.from(await response.arrayBuffer()));
  execFileSync('tar', ['-xzf', 'a.tar.gz'], { cwd: into });
  const folders = readdirSync(into).filter((name) => name !== 'a.tar.gz');
  const top = path.join(into, folders[0] ?? '');
  const found = { folders: folders.length, files: readdirSync(top) };
  const action = readFileSync(path.join(top, 'action.yml'), 'utf8').trim();
  rmSync(into, { recursive: true });
  return { ...found, action };
}

describe('an action', () => {
  it('should come from a folder, a pinned folder or an archive, with one top folder', async () => {
    await start();
    const names: [string, string][] = [
      ['acme/plain', 'v9'],
      ['Acme/Pinned', 'v2'],
      ['acme/packed', 'v1'],
    ];
    const { status, body } = await resolve(names);
    expect(status).toBe(200);
    expect(Object.keys(body.actions ?? {})).toEqual(['acme/plain@v9', 'Acme/Pinned@v2', 'acme/packed@v1']);
    const found = Object.values(body.actions ?? {});
    expect(found[1]).toMatchObject({ name: 'Acme/Pinned', resolved_name: 'Acme/Pinned', version: 'v2' });
    const archives = await Promise.all(found.map(({ tar_url = '' }) => unpack(tar_url)));
    expect(archives).toEqual(
      ['plain', 'pinned', 'packed'].map((name) => ({
        ...{ folders: 1, files: ['action.yml'] },
        action: `name: ${name}`,
      })),
    );
  });

  it('should come from a repository by branch, tag and commit, without its history', async () => {
    await start();
    const refs = ['v1', 'main', 'releases/v2', first, first.slice(0, 8)];
    const { body } = await resolve(refs.map((ref) => ['acme/versioned', ref]));
    const found = Object.values(body.actions ?? {});
    expect(found[0]?.['resolved_sha']).toBe(first);
    const archives = await Promise.all(found.map(({ tar_url = '' }) => unpack(tar_url)));
    expect(archives.map(({ action }) => action)).toEqual([
      'name: first',
      'name: second',
      'name: second',
      'name: first',
      'name: first',
    ]);
    expect(archives[0]?.files).toEqual(['action.yml']);
  });

  it('should be missed in words that name the folder and what to put there', async () => {
    await start();
    const { status, body } = await resolve([
      ['acme/plain', 'v1'],
      ['actions/checkout', 'v4'],
      ['acme/versioned', 'v7'],
      ['acme/versioned', '--help'],
      ['../..', 'v1'],
      ['acme/plain/../../..', 'v1'],
    ]);
    expect(status).toBe(422);
    const { errors = {} } = body;
    expect(Object.keys(errors)).toHaveLength(5);
    expect(errors['actions/checkout@v4']?.message).toContain(
      `Put it at ${root}/actions/checkout (a git repository, or a folder with its action.yml)`,
    );
    expect(errors['acme/versioned@v7']?.message).toMatch(/versioned has no branch, tag or commit v7/);
  });

  it('should be missed where there is no folder of actions', async () => {
    await start({});
    const { body } = await resolve([['acme/plain', 'v1']]);
    expect(body.errors?.['acme/plain@v1']?.message).toMatch(/started without a folder of actions/);
  });

  it('should be looked up with the token of just that job', async () => {
    await start();
    const other = startWorker(harness);
    const forged = { ...worker, post: (url: string, body: unknown) => worker.post(url, body, 'h.p.s') };
    const foreign = { ...worker, post: other.post };
    expect((await resolve([['acme/plain', 'v1']], forged)).status).toBe(401);
    expect((await resolve([['acme/plain', 'v1']], foreign)).status).toBe(404);
  });

  it('should be fetched at its own address alone', async () => {
    await start();
    const { body } = await resolve([['acme/plain', 'v1']]);
    const url = body.actions?.['acme/plain@v1']?.['tar_url'] ?? '';
    const statuses = await Promise.all(
      [
        url.replace('plain', 'versioned'),
        url.replace('/v1/', '/main/'),
        url.replace(/sig=.*/, 'sig=AAAA'),
        url,
      ].map(async (each) => (await fetch(each)).status),
    );
    expect(statuses).toEqual([403, 403, 403, 200]);
  });
});
