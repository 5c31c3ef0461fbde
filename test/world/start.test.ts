import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { connect } from '../../cli/deployment.ts';
import { WORLD_FAULTS } from '../../model/faults.ts';
import { start } from '../fixtures/start.ts';

const JOBS = v.array(
  v.object({ id: v.number(), runId: v.number(), repository: v.string(), name: v.string() }),
);
const ROOT = path.join(import.meta.dirname, '../..');

/** `npm start` that a person watches: what it has printed, and a wait for words in it. */
function watchStart(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: '', COLUMNS: '' };
  const child = spawn(process.execPath, [path.join(ROOT, 'local/start.ts'), ...args], { env });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const seen = async (words: RegExp): Promise<string> => {
    for (;;) {
      const [found] = words.exec(printed) ?? [];
      if (found !== undefined) return found;
      await Promise.race([once(child.stdout, 'data'), ended(child)]);
      if (child.exitCode !== null && !words.test(printed))
        throw new Error(`ended without ${words}: ${printed}`);
    }
  };
  return { child, seen, printed: () => printed };
}

const ended = (child: ChildProcess) => (child.exitCode === null ? once(child, 'exit') : undefined);

describe.concurrent('npm start', () => {
  it('should say first where to watch, serve commands and links there, and judge nothing when it is interrupted', {
    timeout: 600_000,
  }, async () => {
    const { child, seen, printed } = watchStart('--jobs', '2', '--speed', '1');
    const pageUrl = await seen(/http:\S+(?=\nOpen it)/);
    expect(printed()).toContain(`ONESHOT_LOCAL=${pageUrl}`);
    expect((await fetch(pageUrl)).status).toBe(200);
    const choice = { stage: '', region: undefined, local: pageUrl, githubUrl: undefined };
    const { controlUrl, githubWebUrl } = await connect(choice);
    const answer = await fetch(`${controlUrl}/jobs`);
    const [job] = v.parse(JOBS, await answer.json());
    const { id, runId, repository, name } = job ?? {};
    const run = `${githubWebUrl}/${repository}/actions/runs/${runId}`;
    expect(await (await fetch(`${run}/job/${id}`)).text()).toContain(`<h1>${name}</h1>`);
    expect(await (await fetch(run)).text()).toContain(`/job/${id}`);
    expect((await fetch(`${run}/job/1`)).status).toBe(404);
    child.kill('SIGINT');
    await ended(child);
    expect(child.exitCode).toBe(130);
    expect(printed()).toMatch(/Interrupted: .*of 3 done/);
    expect(printed()).not.toMatch(/^Lost|Not clean|Left over/m);
  });

  it('should print one object with --json, and exit with 0 when all went well', {
    timeout: 600_000,
  }, async () => {
    const { code, stdout, stderr } = await start('--json', '--jobs', '8');
    expect(stderr).toBe('');
    const { jobs, leftover, queueToStartSeconds, calls, ...more } = JSON.parse(stdout);
    expect(more).toEqual({});
    expect(jobs).toEqual({
      queued: 9,
      completed: 8,
      cancelled: 1,
      rejected: 1,
      ignored: 1,
      lost: 0,
      duplicated: 0,
    });
    expect(leftover).toEqual({ tasks: 0, runners: 0, messages: 0 });
    expect(queueToStartSeconds).toMatchObject({ jobs: 8, p50: expect.any(Number), p95: expect.any(Number) });
    // A launch for each job; the cancelled one may have been cancelled before.
    expect(calls.ecs.RunTask).toBeGreaterThanOrEqual(8);
    expect(calls).toMatchObject({
      github: expect.any(Object),
      kms: expect.any(Object),
      ssm: expect.any(Object),
    });
    expect(code).toBe(0);
  });

  it('should show a person what happens, and sum up', { timeout: 600_000 }, async () => {
    const { code, stdout } = await start('--jobs', '4', '--calls');
    for (const text of [
      /started,? after \d+/,
      /RunTask .* Our jobs/,
      /cancelled in the queue: cancelled/,
      /too large: failure \(oneshot: The label fargate\/cpu=8 cannot be served: .*Ask for at most 4 vCPU/,
      /forged delivery was answered 401: the signature/,
      // Its job waits still, or has begun meanwhile on a slow machine.
      /came twice was answered (202: the repository is in the doubt queue|200: the job (already runs|has ended))/,
      /Queue to start/,
    ])
      expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(text);
    const lines = stdout.trimEnd().split('\n');
    // An address stays whole.
    expect(lines.filter((line) => line.length > 80 && !line.includes('http:'))).toEqual([]);
    expect(stdout).not.toContain('\u001b');
    expect(lines.at(-1)).toBe('Nothing lost, nothing duplicated, nothing left over.');
    expect(code).toBe(0);
  });

  it.each([
    [['--jobs', '0'], 'whole number from 1 to 2000'],
    [['--faults', 'gremlins'], 'There is no fault gremlins'],
    [['--faults', 'lost-webhook=2'], 'from 0 to 1'],
  ])('should say what is wrong with %j', async (args, message) => {
    const { code, stderr } = await start(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  it.each([
    [['--runner', '/nowhere'], 2, '/nowhere is not a directory'],
    [
      ['--runner', '/nowhere', '--speed', '2'],
      1,
      "'--speed <x>' cannot be used with option '--runner <dir>'",
    ],
    [['--workflows', '.', '--jobs', '2'], 1, "'--workflows <dir>' cannot be used with option '--jobs <n>'"],
    [['--workflows', '/nowhere'], 2, '/nowhere/.github/workflows cannot be read'],
  ])('should begin nothing with %j', { timeout: 600_000 }, async (args, exitCode, message) => {
    const { code, stdout, stderr } = await start(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(exitCode);
  });

  it('should name every fault in its help', async () => {
    const { stdout } = await start('--help');
    for (const name of WORLD_FAULTS) expect(stdout).toContain(name);
  });
});
