import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { StandInScript } from '../../local/runner/script.ts';
import { startTask, type Task, type TaskOptions } from '../../local/task/task.ts';

const job = { jobAfterSeconds: 0, jobSeconds: 0 };
const NOTHING_LEFT = { leftover: [], files: [] };
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the supervisor asks of a daemon: `GET /_ping` over a socket. `status` 0 never answers. */
interface Daemon {
  readonly socket: string;
  readonly pings: () => number;
  readonly listen: () => Promise<void>;
}

function createDaemon(onFinished: (cleanUp: () => void) => void, status = 200): Daemon {
  const directory = mkdtempSync(path.join(tmpdir(), 'oneshot-daemon-'));
  const socket = path.join(directory, 'docker.sock');
  let pings = 0;
  const server: Server = createServer((request, response) => {
    if (request.url === '/_ping') pings += 1;
    if (status > 0) response.writeHead(status).end('OK');
  });
  onFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  });
  const listen = () => new Promise<void>((resolve) => server.listen(socket, resolve));
  return { socket, pings: () => pings, listen };
}

const beside = (
  { socket }: Daemon,
  environment: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  DOCKER_HOST: `unix://${socket}`,
  ONESHOT_DOCKER_TIMEOUT_SECONDS: '60',
  ONESHOT_DOCKER_STORAGE_GIB: '100',
  ...environment,
});
const saidOnThePage = (task: Task) =>
  task
    .journal()
    .flatMap((fact) => ('annotations' in fact ? fact.annotations : []))
    .filter(({ title }) => title === 'oneshot')
    .map(({ message }) => message);

describe.concurrent('a task with a Docker daemon', () => {
  it('should run a job once the daemon answers, and leave containers to the runner itself', async ({
    onTestFinished,
  }) => {
    const daemon = createDaemon(onTestFinished);
    await daemon.listen();
    const task = await startTask({
      listener: { ...job, jobScript: 'env >../env' },
      environment: beside(daemon),
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ ending: 'ran-succeeded', ...NOTHING_LEFT });
    const variables = readFileSync(`${task.base}/env`, 'utf8');
    expect(variables).toMatch(/^ACTIONS_RUNNER_CONTAINER_HOOKS=$/m);
    expect(variables).toContain(`DOCKER_HOST=unix://${daemon.socket}\n`);
    expect(saidOnThePage(task)).toEqual([]);
  });

  it('should leave an image its own hook', async ({ onTestFinished }) => {
    const daemon = createDaemon(onTestFinished);
    await daemon.listen();
    const environment = beside(daemon, { ACTIONS_RUNNER_CONTAINER_HOOKS: '/theirs.sh' });
    const task = await startTask({ listener: { ...job, jobScript: 'env >../env' }, environment });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(readFileSync(`${task.base}/env`, 'utf8')).toMatch(
      /^ACTIONS_RUNNER_CONTAINER_HOOKS=\/theirs\.sh$/m,
    );
  });

  it('should not start the listener before the daemon answers', async ({ onTestFinished }) => {
    const daemon = createDaemon(onTestFinished);
    const task = await startTask({ listener: job, environment: beside(daemon) });
    onTestFinished(task.cleanUp);
    while (task.services.requests.kms.length === 0) await wait(20);
    await wait(1_000);
    expect(task.journal()).toEqual([]);
    await daemon.listen();
    expect(await task.ended, task.output()).toMatchObject({ ending: 'ran-succeeded', ...NOTHING_LEFT });
  });

  it('should ask the daemon while KMS keeps it waiting', async ({ onTestFinished }) => {
    const daemon = createDaemon(onTestFinished, 503);
    await daemon.listen();
    const environment = beside(daemon, { ONESHOT_UNSEAL_TIMEOUT_SECONDS: '600' });
    const task = await startTask({ kms: [{ isSilent: true }], environment });
    onTestFinished(task.cleanUp);
    while (daemon.pings() < 3) await wait(20);
    expect(task.services.requests.kms.length).toBeLessThanOrEqual(1);
    expect(task.states().map(({ state }) => state)).toEqual(['starting']);
  });

  it.for([
    ['does not come', undefined],
    ['never answers', 0],
    ['answers with an error', 503],
  ] as const)(
    'should end before its listener starts where the daemon %s',
    async ([, status], { onTestFinished }) => {
      const daemon = createDaemon(onTestFinished, status);
      if (status !== undefined) await daemon.listen();
      const environment = beside(daemon, { ONESHOT_DOCKER_TIMEOUT_SECONDS: '1' });
      const task = await startTask({ listener: job, environment });
      onTestFinished(task.cleanUp);
      const ended = await task.ended;
      expect(ended, task.output()).toMatchObject({
        code: 27,
        states: ['starting', 'ended'],
        ...NOTHING_LEFT,
      });
      expect(task.journal()).toEqual([]);
      expect(task.output()).toContain(`no Docker daemon answers at unix://${daemon.socket}`);
    },
  );

  it('should end for its config where that is refused, and wait for no daemon', async ({
    onTestFinished,
  }) => {
    const daemon = createDaemon(onTestFinished);
    const kms = [{ status: 400, body: { __type: 'AccessDeniedException' } }];
    const task = await startTask({ kms, environment: beside(daemon) });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 24, ...NOTHING_LEFT });
  });

  it.for([
    ['does not come', undefined],
    ['never answers', 0],
  ] as const)('should end at SIGTERM where the daemon %s', async ([, status], { onTestFinished }) => {
    const daemon = createDaemon(onTestFinished, status);
    if (status !== undefined) await daemon.listen();
    const task = await startTask({ environment: beside(daemon) });
    onTestFinished(task.cleanUp);
    while (!existsSync(path.join(task.root, '.env'))) await wait(20);
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 30, ...NOTHING_LEFT });
    // An upper bound for safety: curl itself would wait for 8 s.
    expect(task.states().at(-1)?.seconds).toBeLessThan(7);
  });

  it('should show the sealed config to no process that asks for the daemon', async ({ onTestFinished }) => {
    const daemon = createDaemon(onTestFinished);
    const edit = (script: string) =>
      script.replace('until beside ping_docker; do', '[[ ! -e /dev/fd/3 ]] || echo "it has a pipe"\n$&');
    const environment = beside(daemon, { ONESHOT_DOCKER_TIMEOUT_SECONDS: '1' });
    const task = await startTask({ edit, environment });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(task.output()).not.toContain('it has a pipe');
  });

  it.for([undefined, '', 'tcp://127.0.0.1:2375', 'unix://docker.sock'])(
    'should refuse a daemon that is not at a socket: %s',
    async (DOCKER_HOST, { onTestFinished }) => {
      const environment = { DOCKER_HOST, ONESHOT_DOCKER_TIMEOUT_SECONDS: '1' };
      const task = await startTask({ environment });
      onTestFinished(task.cleanUp);
      expect((await task.ended).code).toBe(64);
      expect(task.output()).toContain('missing or malformed: DOCKER_HOST\n');
    },
  );
});

const LOST = 'The Docker daemon of this runner no longer answers: it was ended, or died.';
const DISK =
  'The disk that this runner shares with its Docker daemon is full: it has 100 GiB. For more, dockerStorageGiB in the parameters of the deployment.';
const GONE = `rm "$\{DOCKER_HOST#unix://}"`;

const CASES: readonly [string, TaskEnding, StandInScript, string | undefined][] = [
  ['a daemon that is gone when a step fails', 'ran-docker-lost', { jobScript: `${GONE}; exit 1` }, LOST],
  [
    'a daemon that is gone when the listener dies',
    'ran-docker-lost',
    { jobScript: GONE, isSilentAtEnd: true, endsBySignal: 'SIGKILL' },
    LOST,
  ],
  ['a daemon that is gone when the job has succeeded', 'ran-succeeded', { jobScript: GONE }, LOST],
  ['a daemon that is there when a step fails', 'ran-failed', { jobScript: 'exit 1' }, undefined],
  [
    'a daemon that a step looks for elsewhere',
    'ran-failed',
    { jobScript: 'echo DOCKER_HOST=unix:///nowhere >>"$GITHUB_ENV"; exit 1' },
    undefined,
  ],
  [
    'a daemon that is gone as its disk is full',
    'ran-out-of-disk',
    { jobScript: `echo 512 >../free; ${GONE}; exit 1` },
    DISK,
  ],
];

/** A disk of the test's own. */
const withDisk: Pick<TaskOptions, 'edit' | 'onLaidOut'> = {
  edit: (script) => script.replace(/^set -euo pipefail$/m, '$&\nPATH=$ONESHOT_RUNNER_ROOT/stand-ins:$PATH'),
  onLaidOut(root) {
    mkdirSync(`${root}/stand-ins`);
    writeFileSync(`${root}/../free`, '9999999\n');
    writeFileSync(`${root}/stand-ins/df`, `#!/bin/bash\necho Avail; cat '${root}/../free'\n`);
    chmodSync(`${root}/stand-ins/df`, 0o755);
  },
};

describe.concurrent('a job whose Docker daemon is lost', () => {
  it.for(CASES)('should be told: %s', async ([, ending, listener, words], { onTestFinished }) => {
    const daemon = createDaemon(onTestFinished);
    await daemon.listen();
    const task = await startTask({
      ...withDisk,
      listener: { ...job, ...listener },
      environment: beside(daemon),
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ ending, ...NOTHING_LEFT });
    const said = saidOnThePage(task)[0];
    if (words === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(words);
    expect(task.output().includes(`oneshot: ${words}`)).toBe(
      words !== undefined && ending !== 'ran-succeeded',
    );
  });

  it('should be interrupted by SIGTERM, which may have ended its daemon too', async ({ onTestFinished }) => {
    const daemon = createDaemon(onTestFinished);
    await daemon.listen();
    const listener = {
      jobAfterSeconds: 0,
      jobSeconds: 600,
      jobScript: `touch ../runs; until [[ -e ../go ]]; do sleep 0.1; done; ${GONE}; exit 1`,
    };
    const environment = beside(daemon, { ONESHOT_STOP_TIMEOUT_SECONDS: '120' });
    const task = await startTask({ listener, environment });
    onTestFinished(task.cleanUp);
    while (!existsSync(`${task.base}/runs`)) await wait(20);
    task.signal('SIGTERM');
    await wait(300);
    writeFileSync(`${task.base}/go`, '');
    expect((await task.ended).ending, task.output()).toBe('ran-failed');
  });
});
