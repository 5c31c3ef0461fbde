import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { layOutRunnerRoot } from '../../local/runner/prepare-root.ts';
import { buildSmokeTest } from '../../scripts/build-smoke.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'oneshot-smoke-test-'));
const processes: ChildProcess[] = [];
let bytes = 0;
beforeAll(async () => {
  ({ bytes } = await buildSmokeTest(scratch));
});
afterEach(() => {
  for (const each of processes.splice(0)) each.kill('SIGKILL');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const SEALED = Buffer.from('a sealed config').toString('base64');
const SETTINGS = {
  SMOKE_USES: '',
  SMOKE_REGION: 'eu-central-1',
  SMOKE_STACK: 'oneshot-smoke',
  SMOKE_RUNNER: 'oneshot-smoke-1-1-1',
  SMOKE_SEALED: SEALED,
  SMOKE_SECRET_PATH: 'path',
  SMOKE_TOKEN: 'token',
};
const PATH = process.env['PATH'] ?? '';

function start(command: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(command, args, { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  return { child, said: text(child.stdout), ended: once(child, 'exit').then(([code]) => code as number) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The file, as image/smoke-job.sh starts it; resolves when it listens. */
async function startGitHub() {
  const port = await freePort();
  const settings = { ...SETTINGS, SMOKE_PORT: String(port) };
  const github = start(process.execPath, [path.join(scratch, 'smoke/github.mjs')], settings);
  await once(github.child.stdout, 'data');
  return { ...github, url: `http://127.0.0.1:${port}` };
}

/** The supervisor with the stand-in listener, as image/smoke-job.sh starts a task. */
function startTask(url: string) {
  const root = mkdtempSync(path.join(scratch, 'root-'));
  layOutRunnerRoot(root);
  return start('bash', [path.join(ROOT, 'image/entrypoint.sh')], {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_KMS: url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/credentials/path`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token',
    ONESHOT_STACK: 'oneshot-smoke',
    ONESHOT_RUNNER_NAME: 'oneshot-smoke-1-1-1',
    ONESHOT_SEALED_CONFIG: SEALED,
    ONESHOT_RUNNER_ROOT: root,
  });
}

describe('the GitHub of the smoke test', () => {
  it('should fit: one file of at most 200 KB', () => {
    expect(bytes).toBeLessThanOrEqual(200 * 1024);
  });

  it('should see a job turn green in a task, and say so when it is told to end', async () => {
    const github = await startGitHub();
    const task = startTask(github.url);
    expect(await task.ended).toBe(0);
    expect(await task.said).toContain('"ending":"ran-succeeded"');
    github.child.kill('SIGTERM');
    expect(await github.ended).toBe(0);
    expect(await github.said).toMatch(/^the job is completed: success$/m);
  });

  it('should not be green where nobody asked it', async () => {
    const github = await startGitHub();
    github.child.kill('SIGTERM');
    expect(await github.ended).toBe(1);
    expect(await github.said).toMatch(/^the job is queued$/m);
  });

  it('should not start without a setting', async () => {
    const { SMOKE_TOKEN: _token, ...settings } = SETTINGS;
    const program = path.join(scratch, 'smoke/github.mjs');
    const child = spawn(process.execPath, [program], { env: { PATH, ...settings, SMOKE_PORT: '0' } });
    expect(await text(child.stderr)).toContain('SMOKE_TOKEN is not set');
  });
});
