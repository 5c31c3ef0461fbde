import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRunnersConfig } from '../../functions/runners-config.ts';
import { dockerJobs } from '../../local/world/docker-jobs.ts';
import { readRunnerRelease } from '../../local/world/runner-release.ts';
import { startWorld } from '../../local/world/start-world.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { leftInNetwork } from './machine.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const RELEASE = process.env['ONESHOT_TEST_RUNNER'];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'oneshot-world-docker-'));
  const own = readFileSync(path.join(ROOT, 'runners.yml'), 'utf8');
  const { allow } = parseRunnersConfig(own);
  const opened = own.replace(
    /^( {2})repositories: \[\]$/m,
    `$1repositories: ${JSON.stringify(allow.repositories)}`,
  );
  writeFileSync(path.join(folder, 'runners.yml'), opened);
  await buildFunctions(path.join(folder, 'dist'), { policyFile: path.join(folder, 'runners.yml') });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** From the webhook to the container: the label, the launch on an instance, the daemon, the job, and nothing left. */
describe('the embedded world with Docker', () => {
  it.each<readonly [string, string | undefined]>([
    ['a stand-in of the runner', undefined],
    ...(RELEASE === undefined ? [] : [['the official runner', RELEASE] as const]),
  ])('should run jobs in %s', async (_, release) => {
    const policy = parseRunnersConfig(readFileSync(path.join(folder, 'runners.yml'), 'utf8'));
    const runner = release === undefined ? undefined : await readRunnerRelease(release);
    const bundles = path.join(folder, 'dist');
    const world = await startWorld({ policy, bundles, hasDocker: true, ...(runner && { runner }) });
    try {
      const { owner, repositories } = world.installation;
      const ids = world.github.queueRun({
        repository: `${owner.login}/${repositories[0]?.name}`,
        jobs: dockerJobs(policy.labelPrefix),
      });
      const jobs = () => world.github.jobs().filter(({ id }) => ids.includes(id));
      const areStopped = () => world.aws.tasks().every(({ lastStatus }) => lastStatus === 'STOPPED');
      await world.clock.until(
        () => jobs().every(({ status }) => status === 'completed') && areStopped(),
        3_600_000,
      );
      const tasks = world.aws.tasks().map(({ task, exitCode, lines }) => ({
        provider: task.capacityProviderName,
        exitCode,
        lines: lines.map(({ line }) => line).join('\n'),
      }));
      const story = JSON.stringify({ tasks, logs: world.logs.slice(-20) }, undefined, 1);
      expect(
        jobs().map(({ conclusion }) => conclusion),
        story,
      ).toEqual(['success', 'success']);
      expect(tasks, story).toMatchObject(Array(2).fill({ provider: 'oneshot-local-docker', exitCode: 0 }));
    } finally {
      await world.close();
    }
    expect(leftInNetwork()).toEqual([]);
  });
});
