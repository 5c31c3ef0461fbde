import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openShell } from '../../cli/shell/open-shell.ts';
import { startControl } from '../../local/world/control.ts';
import type { World } from '../../local/world/start-world.ts';
import { startTestWorld, until } from '../fixtures/world.ts';
import { oneshot } from './oneshot.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-shell-'));
const calls = path.join(folder, 'calls');
afterAll(() => rmSync(folder, { recursive: true }));

/** A machine that has these programs, which note how they are called. */
function machineWith(...programs: string[]) {
  const bin = mkdtempSync(path.join(folder, 'bin-'));
  for (const program of programs) {
    writeFileSync(path.join(bin, program), `#!/bin/sh\necho "${program} $*" >>'${calls}'\n`);
    chmodSync(path.join(bin, program), 0o755);
  }
  writeFileSync(calls, '');
  return { PATH: bin };
}

const TASK = {
  region: 'eu-central-1',
  cluster: 'oneshot-prod',
  taskArn: 'arn:aws:ecs:eu-central-1:1:task/x/0',
};

describe('a shell in a task', () => {
  it('should be opened by the AWS CLI in the container of the job', async () => {
    expect(await openShell(TASK, machineWith('aws', 'session-manager-plugin'))).toBe(0);
    expect(readFileSync(calls, 'utf8').trim().split('\n').at(-1)).toBe(
      `aws ecs execute-command --region eu-central-1 --cluster oneshot-prod --task ${TASK.taskArn} ` +
        '--container runner --interactive --command /bin/bash',
    );
  });

  it.each([
    ['the AWS CLI', [], /^the AWS CLI is not on this machine$/],
    ['its plugin', ['aws'], /^the Session Manager plugin of the AWS CLI is not on this machine$/],
  ])('should say what is missing on the machine: %s', async (_, programs, message) => {
    await expect(openShell(TASK, machineWith(...programs))).rejects.toThrow(message);
    expect(readFileSync(calls, 'utf8')).not.toContain('execute-command');
  });
});

describe('oneshot shell', () => {
  let world: World;
  let control: Awaited<ReturnType<typeof startControl>>;
  beforeAll(async () => {
    world = await startTestWorld({ pace: 30 });
    control = await startControl(world);
    await world.github.ping();
    const repository = `${world.installation.owner.login}/web`;
    world.github.queueRun({
      repository,
      jobs: [{ name: 'long', labels: ['fargate'], durationSeconds: 9_000 }],
    });
    await until('a task is there', () => world.aws.tasks().length > 0);
  }, 300_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    control.close();
    await world.close();
  });

  it('should say what a task lacks that was started without it', async () => {
    const name = world.aws.tasks()[0]?.startedBy ?? '';
    const { code, stderr } = await oneshot(control.url, 'shell', name);
    expect(stderr).toMatch(/was started without ECS Exec\n.*execCommand: enabled/);
    expect(code).toBe(1);
  });

  it('should know no task that is none', async () => {
    expect((await oneshot(control.url, 'shell', 'x')).stderr).toContain('no live task is called x');
  });
});
