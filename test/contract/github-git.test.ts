import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from './github-harness.ts';
import { startWorker, type Worker } from './worker-harness.ts';

const temporary = mkdtempSync(path.join(tmpdir(), 'oneshot-git-'));
afterAll(() => rmSync(temporary, { recursive: true }));
const root = path.join(temporary, 'repositories');

const run = promisify(execFile);
const ENVIRONMENT = { PATH: process.env['PATH'], GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' };
/** git as a step has it. The world is in this process, so it must not be waited for without being served. */
const git = async (folder: string, ...args: string[]): Promise<string> =>
  (await run('git', ['-C', folder, ...args], { env: ENVIRONMENT })).stdout.trim();

const commit = (folder: string, text: string): string => {
  writeFileSync(path.join(folder, 'file.txt'), text);
  const as = ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  execFileSync('git', [...as, 'add', '.']);
  execFileSync('git', [...as, 'commit', '--quiet', '-m', text]);
  return execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
};

let old = '';
beforeAll(() => {
  const shop = path.join(root, 'acme/shop');
  mkdirSync(shop, { recursive: true });
  execFileSync('git', ['-C', shop, 'init', '--quiet', '--initial-branch=main']);
  commit(shop, 'one');
  old = commit(shop, 'two');
  // No branch has it any more.
  execFileSync('git', ['-C', shop, 'reset', '--quiet', '--hard', 'HEAD~1']);
  commit(shop, 'three');
  const docs = path.join(root, 'acme/docs');
  mkdirSync(docs, { recursive: true });
  writeFileSync(path.join(docs, 'index.md'), '# Docs');
  mkdirSync(path.join(root, 'mona/blog'), { recursive: true });
  writeFileSync(path.join(root, 'mona/blog/post.md'), 'private');
});

let harness: Harness;
let worker: Worker;
beforeEach(async () => {
  harness = await startHarness({ repositories: root });
  worker = startWorker(harness);
});
afterEach(() => harness.close());

const basic = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
const headerOf = (token: string) => ['-c', `http.extraheader=AUTHORIZATION: ${basic(token)}`];
const remote = (name: string) => `${harness.github.url}/${name}`;

let clones = 0;
function empty(): string {
  const folder = path.join(temporary, `clone-${clones++}`);
  mkdirSync(folder);
  return folder;
}

const refs = async (name: string, authorization?: string, service = 'git-upload-pack') =>
  (
    await fetch(`${remote(name)}/info/refs?service=${service}`, {
      ...(authorization && { headers: { authorization } }),
    })
  ).status;

describe('a repository', () => {
  it('should be fetched as actions/checkout does: one commit by its name, with the job’s token', async () => {
    const folder = empty();
    await git(folder, 'init', '--quiet');
    await git(folder, 'remote', 'add', 'origin', remote('acme/shop'));
    const { headSha } = worker.record.run;
    const asked = ['--no-tags', '--prune', '--no-recurse-submodules', '--depth=1', 'origin'];
    const spec = `+${headSha}:refs/remotes/origin/main`;
    await git(folder, ...headerOf(worker.repositoryToken), 'fetch', ...asked, spec);
    await git(folder, 'checkout', '--quiet', '-B', 'main', 'refs/remotes/origin/main');
    expect(readFileSync(path.join(folder, 'file.txt'), 'utf8')).toBe('three');
    expect(await git(folder, 'rev-list', '--count', 'HEAD')).toBe('1');
  });

  it.each([0, 2])('should give a commit that no branch has, by protocol version %i', async (version) => {
    const folder = empty();
    await git(folder, 'init', '--quiet');
    const protocol = ['-c', `protocol.version=${version}`];
    const from = [
      ...protocol,
      ...headerOf(worker.repositoryToken),
      'fetch',
      '--depth=1',
      remote('acme/shop.git'),
    ];
    await git(folder, ...from, old);
    expect(await git(folder, 'show', 'FETCH_HEAD:file.txt')).toBe('two');
  });

  it('should be cloned whole from a plain folder, without a token where it is public', async () => {
    const folder = empty();
    await git(folder, 'clone', '--quiet', remote('Acme/Docs'), '.');
    expect(readFileSync(path.join(folder, 'index.md'), 'utf8')).toBe('# Docs');
    const { headSha } = startWorker(harness, { repository: 'acme/docs' }).record.run;
    expect(await git(folder, 'rev-parse', 'HEAD')).toBe(headSha);
    expect(existsSync(path.join(root, 'acme/docs/.git'))).toBe(false);
  });

  it('should be hidden from those who may not see it', async () => {
    const other = startWorker(harness, { repository: 'acme/docs' });
    const own = basic(worker.repositoryToken);
    expect(await refs('acme/shop')).toBe(401);
    expect(await refs('acme/shop', basic('ghs_wrong'))).toBe(401);
    expect(await refs('acme/docs', basic('ghs_wrong'))).toBe(401);
    expect(await refs('acme/shop', basic(other.repositoryToken))).toBe(404);
    expect(await refs('mona/blog', own)).toBe(404);
    expect(await refs('acme/nothing', own)).toBe(404);
    expect(await refs('acme/..%2F..', own)).toBe(404);
    expect(await refs('acme/shop', own)).toBe(200);
    const pack = await fetch(`${remote('acme/shop')}/git-upload-pack`, { method: 'POST', body: '0000' });
    expect(pack.status).toBe(401);
  });

  it('should be closed a minute after the job', async () => {
    harness.github.actions.finish(worker.record, 'success');
    harness.clock.advance(61_000);
    expect(await refs('acme/shop', basic(worker.repositoryToken))).toBe(401);
  });

  it('should not be written to', async () => {
    const own = basic(worker.repositoryToken);
    expect(await refs('acme/shop', own, 'git-receive-pack')).toBe(403);
    const push = await fetch(`${remote('acme/shop')}/git-receive-pack`, {
      method: 'POST',
      headers: { authorization: own },
    });
    expect(push.status).toBe(403);
    expect(await refs('acme/shop', own, 'git-nonsense')).toBe(403);
  });

  it('should leave the commit of a run to chance where the world has no files of it', () => {
    expect(startWorker(harness, { repository: 'readers/books' }).record.run.headSha).toMatch(
      /^[0-9a-f]{40}$/,
    );
  });
});
