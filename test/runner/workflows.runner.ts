import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseRunnersConfig } from '../../functions/runners-config.ts';
import type { JobRecord } from '../../local/github/records.ts';
import { readWorkflows } from '../../local/workflows/read.ts';
import { startWorkflows } from '../../local/workflows/start.ts';
import { readRunnerRelease } from '../../local/world/runner-release.ts';
import { startWorld } from '../../local/world/start-world.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { folderOf } from '../workflows/folder.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const file = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, 'workflows', name), 'utf8');

/** What the worker told of the steps that the workflow names. */
const stepsOf = ({ stepResults }: JobRecord): string[] =>
  stepResults.flatMap(({ name, conclusion }) =>
    /^(Set up|Complete) (job|runner)$/.test(name) ? [] : [`${name}: ${conclusion}`],
  );

const CONCLUSIONS = {
  'parts (fails)': 'failure',
  'parts (waits)': 'cancelled',
  later: 'success',
  first: 'success',
  'x of 2': 'success',
  'y of 2': 'failure',
  tolerated: 'failure',
  after: 'success',
  skipped: 'skipped',
};
const STEPS = {
  'parts (fails)': ['Part: failure', 'Cancelled: skipped'],
  'parts (waits)': ['Part: cancelled', 'Cancelled: success'],
  later: ['Result: success'],
  first: ['Levels: success', 'Contexts: success', 'Make 2: success'],
  'x of 2': [
    'Fails in one: success',
    'After a failure: skipped',
    'Always: skipped',
    'After success: success',
  ],
  'y of 2': [
    'Fails in one: failure',
    'After a failure: success',
    'Always: success',
    'After success: skipped',
  ],
  tolerated: ['Above: success', 'Below: success', 'Allowed: success', 'Failed: failure'],
  after: ['Wrong: skipped'],
  skipped: [],
};

/** From the webhook to the worker: all of it is the real thing but GitHub and AWS. */
it('should run a user’s workflows', { timeout: 600_000 }, async () => {
  await buildFunctions();
  const shared = mkdtempSync(path.join(tmpdir(), 'oneshot-shared-'));
  const policy = parseRunnersConfig(readFileSync(path.join(ROOT, 'runners.yml'), 'utf8'));
  const runner = await readRunnerRelease(process.env['ONESHOT_TEST_RUNNER'] ?? '');
  const world = await startWorld({ policy, bundles: path.join(ROOT, 'dist'), runner });
  try {
    const { owner, repositories } = world.installation;
    const repository = `${owner.login}/${repositories[0]?.name}`;
    const folder = folderOf({ 'fail-fast.yml': file('fail-fast.yml'), 'needs.yml': file('needs.yml') });
    const workflows = await readWorkflows(folder, { repository, vars: { V: 'variable', SHARED: shared } });
    const ended = await startWorkflows(world.github, repository, workflows, { secrets: { S: 'secret' } })
      .over;
    const records = world.github.actions.jobs.all();
    const steps = Object.fromEntries(records.map((job) => [job.name, stepsOf(job)]));
    const conclusions = Object.fromEntries(records.map(({ name, conclusion }) => [name, conclusion]));
    expect({ conclusions, steps }).toEqual({ conclusions: CONCLUSIONS, steps: STEPS });
    expect(ended.map(({ conclusion }) => conclusion)).toEqual(['failure', 'failure']);
    expect(records.find(({ name }) => name === 'first')?.outputs).toEqual({
      list: '["x","y"]',
      said: 'by first job',
    });
  } finally {
    await world.close();
    rmSync(shared, { recursive: true, force: true });
  }
});
