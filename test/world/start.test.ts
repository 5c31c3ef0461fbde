import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { WORLD_FAULTS } from '../../model/faults.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** `npm start -- ARGUMENTS` without npm. */
const start = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(ROOT, 'local/start.ts'), ...args],
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (child.exitCode ?? 1), stdout, stderr });
      },
    );
  });

describe.concurrent('npm start', () => {
  it('should print one object with --json, and exit with 0 when all went well', {
    timeout: 180_000,
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

  it('should show a person what happens, and sum up', { timeout: 180_000 }, async () => {
    const { code, stdout } = await start('--jobs', '4');
    for (const text of [
      /test \(1\) started after \d+ s/,
      /cancelled in the queue: cancelled/,
      /too large: failure \(oneshot: The label fargate\/cpu=8 cannot be served: .*Ask for at most 4 vCPU/,
      /forged delivery was answered 401: the signature/,
      // Its job waits still, or has begun meanwhile on a slow machine.
      /came twice was answered (202: the repository is in the doubt queue|200: the job (already runs|has ended))/,
      /Queue to start/,
      /Nothing lost, nothing duplicated, nothing left over/,
    ])
      expect(stdout).toMatch(text);
    expect(code).toBe(0);
  });

  it('should exit with 1 when a job was lost', { timeout: 180_000 }, async () => {
    const faults = ['--faults', 'ecs-no-capacity=1'];
    const { code, stdout } = await start('--json', '--jobs', '2', ...faults);
    expect(JSON.parse(stdout).jobs).toMatchObject({ completed: 0, lost: 3 });
    expect(code).toBe(1);
  });

  it.each([
    [['--jobs', '0'], 'whole number from 1 to 2000'],
    [['--speed', 'fast'], 'above 0'],
    [['--faults', 'gremlins'], 'There is no fault gremlins'],
    [['--faults', 'lost-webhook=2'], 'from 0 to 1'],
    [['--sped', '3'], '--speed'],
  ])('should say what is wrong with %j', async (args, message) => {
    const { code, stderr } = await start(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  it('should name every fault in its help', async () => {
    const { stdout } = await start('--help');
    for (const name of WORLD_FAULTS) expect(stdout).toContain(name);
  });
});
