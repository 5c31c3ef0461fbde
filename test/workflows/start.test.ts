import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostedTaker } from '../../local/github/job-store.ts';
import type { JobRecord } from '../../local/github/records.ts';
import type { Conclusion } from '../../local/github/types.ts';
import { readWorkflows } from '../../local/workflows/read.ts';
import { type StartOptions, startWorkflows } from '../../local/workflows/start.ts';
import { connected, type Harness, startHarness } from '../contract/github-harness.ts';
import { folderOf, jobs, readAll } from './folder.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

async function start(text: string, options: StartOptions = {}) {
  const workflows = await readAll({ 'ci.yml': text }, { vars: { V: 'v' } });
  return startWorkflows(harness.github, 'acme/shop', workflows, options);
}

const records = (): JobRecord[] => harness.github.actions.jobs.all();

function find(name: string): JobRecord {
  const found = records().find((job) => job.name === name);
  if (found === undefined)
    throw new Error(`there is no job ${name} among ${records().map((job) => job.name)}`);
  return found;
}

/** As a runner would. */
function complete(
  name: string,
  conclusion: Conclusion,
  outputs: Readonly<Record<string, string>> = {},
): void {
  const job = find(name);
  if (job.status === 'queued') harness.github.actions.start(job, hostedTaker(1));
  job.outputs = outputs;
  harness.github.actions.finish(job, conclusion);
}

const seen = (): string[] =>
  records().map(({ name, status, conclusion }) => `${name}: ${conclusion ?? status}`);
/** What the App was told: action, job and conclusion. */
async function told(): Promise<string[]> {
  await harness.github.settled();
  return harness.receiver.received.map(({ body }) => {
    const { action, workflow_job: job } = JSON.parse(body);
    return [action, job.name, ...(job.conclusion ? [job.conclusion] : [])].join(' ');
  });
}

const STEPS = 'steps: [{ run: echo }]';
const CHAIN = jobs(`  build:
    runs-on: fargate
    outputs: { list: "\${{ steps.x.outputs.list }}" }
    ${STEPS}
  test:
    needs: build
    runs-on: "fargate/cpu=\${{ matrix.cpu }}"
    strategy: { matrix: { cpu: "\${{ fromJSON(needs.build.outputs.list) }}" }, max-parallel: 1 }
    ${STEPS}
  deploy: { needs: test, runs-on: fargate, ${STEPS} }
  report: { needs: [build, test], if: always(), runs-on: fargate, ${STEPS} }
`);

describe('a workflow', () => {
  it('should queue a job, and tell of it, when what it needs is over', async () => {
    const { over, runs } = await start(CHAIN);
    expect(seen()).toEqual(['build: queued']);
    complete('build', 'success', { list: '[1,2]' });
    expect(seen()).toEqual(['build: success', 'test (1): queued', 'test (2): queued']);
    expect(find('test (2)')).toMatchObject({ labels: ['fargate/cpu=2'], createdAtMs: harness.clock.nowMs() });
    complete('test (1)', 'success');
    complete('test (2)', 'success');
    complete('deploy', 'success');
    complete('report', 'success');
    const [run] = await over;
    expect(run).toMatchObject({
      runId: runs[0]?.runId,
      conclusion: 'success',
      workflow: '.github/workflows/ci.yml',
    });
    expect(run?.jobs.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
      ...['build: success', 'test (1): success', 'test (2): success'],
      ...['deploy: success', 'report: success'],
    ]);
    expect((await told()).filter((line) => line.startsWith('queued')).toSorted()).toEqual(
      ['build', 'deploy', 'report', 'test (1)', 'test (2)'].map((name) => `queued ${name}`),
    );
  });

  it('should skip, cancel and continue after a failure, and tell of a skipped job once', async () => {
    const { over } = await start(CHAIN);
    complete('build', 'success', { list: '[1,2]' });
    complete('test (1)', 'failure');
    expect(seen()).toEqual([
      ...['build: success', 'test (1): failure', 'test (2): cancelled'],
      ...['deploy: skipped', 'report: queued'],
    ]);
    complete('report', 'success');
    expect(await over).toMatchObject([{ conclusion: 'failure' }]);
    expect((await told()).filter((line) => line.includes('deploy'))).toEqual(['completed deploy skipped']);
  });

  it('should fail where an output makes no matrix, in GitHub’s words', async () => {
    const { over } = await start(CHAIN);
    complete('build', 'success');
    complete('report', 'success');
    const [run] = await over;
    expect(run).toMatchObject({ conclusion: 'failure' });
    expect(run?.jobs.find(({ name }) => name === 'test')?.annotation).toBe(
      "Error when evaluating 'strategy' for job 'test'. empty input",
    );
  });

  it('should give a job’s message its contexts', async () => {
    await start(`name: CI\n${CHAIN}`, { secrets: { S: 's' } });
    complete('build', 'success', { list: '[1]' });
    expect(find('test (1)').definition).toMatchObject({
      key: 'test',
      secrets: { S: 's' },
      contexts: {
        ...{ vars: { V: 'v' }, inputs: {}, matrix: { cpu: 1 } },
        needs: { build: { result: 'success', outputs: { list: '[1]' } } },
        strategy: { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 },
      },
      github: {
        ...{
          event_name: 'push',
          ref: 'refs/heads/main',
          ref_name: 'main',
          workflow: 'CI',
          repository: 'acme/shop',
        },
        workflow_ref: 'acme/shop/.github/workflows/ci.yml@refs/heads/main',
        sha: find('test (1)').run.headSha,
        event: { ref: 'refs/heads/main', repository: { full_name: 'acme/shop' }, sender: { type: 'User' } },
      },
    });
  });

  it('should be over at once where every job is skipped, and be skipped', async () => {
    const { over } = await start(
      jobs(`  a: { if: false, runs-on: x, ${STEPS} }\n  b: { needs: a, runs-on: x, ${STEPS} }\n`),
    );
    expect(await over).toMatchObject([{ conclusion: 'skipped' }]);
    expect((await told()).toSorted()).toEqual(['completed a skipped', 'completed b skipped']);
  });

  it('should not fail by a job that may fail', async () => {
    const { over } = await start(
      jobs(
        `  a: { continue-on-error: true, runs-on: x, ${STEPS} }\n  b: { needs: a, runs-on: x, ${STEPS} }\n`,
      ),
    );
    complete('a', 'failure');
    complete('b', 'success');
    expect(await over).toMatchObject([{ conclusion: 'success' }]);
  });

  it('should take an output from the last job of a matrix that ended with one', async () => {
    const matrix = 'strategy: { matrix: { n: [1, 2, 3] } }';
    await start(
      jobs(
        `  a: { ${matrix}, runs-on: x, ${STEPS} }\n  b: { needs: a, runs-on: "\${{ needs.a.outputs.o }}", ${STEPS} }\n`,
      ),
    );
    complete('a (2)', 'success', { o: 'early' });
    complete('a (3)', 'success', { o: '' });
    complete('a (1)', 'success', { o: 'late' });
    expect(find('b').labels).toEqual(['late']);
  });

  it('should have its environment without anybody’s approval', async () => {
    await start(jobs(`  a: { environment: prod, runs-on: x, ${STEPS} }\n`));
    expect(find('a')).toMatchObject({ environment: 'prod', status: 'queued' });
    expect(await told()).toEqual(['queued a']);
  });

  it('should run jobs for GitHub’s runners there, without outputs', async () => {
    const { over } = await start(
      jobs(`  a: { runs-on: ubuntu-latest, ${STEPS} }\n  b: { needs: a, runs-on: x, ${STEPS} }\n`),
      { durationSeconds: 1 },
    );
    await expect.poll(() => seen(), { timeout: 60_000 }).toEqual(['a: success', 'b: queued']);
    complete('b', 'success');
    await over;
  });

  it('should be cancelled as a whole but for what always runs', async () => {
    const { over, cancel } = await start(
      jobs(
        `  a: { runs-on: x, ${STEPS} }\n  b: { needs: a, runs-on: x, ${STEPS} }\n  c: { needs: a, if: always(), runs-on: x, ${STEPS} }\n`,
      ),
    );
    cancel();
    expect(seen()).toEqual(['a: cancelled', 'b: skipped', 'c: queued']);
    complete('c', 'success');
    expect(await over).toMatchObject([{ conclusion: 'cancelled' }]);
  });

  it('should keep max-parallel to its own matrix', async () => {
    await start(
      jobs(
        `  a: { runs-on: fargate, strategy: { max-parallel: 1, matrix: { n: [1, 2] } }, ${STEPS} }\n  b: { runs-on: fargate, ${STEPS} }\n`,
      ),
    );
    for (const name of ['r1', 'r2', 'r3']) await connected(harness, name, ['fargate']);
    const given = () => records().flatMap(({ name, assigned }) => (assigned === null ? [] : [name]));
    expect(given()).toEqual(['a (1)', 'b']);
    complete('a (1)', 'success');
    expect(given()).toEqual(['a (2)', 'b']);
  });

  it('should be given to runners of the group that it asks for', async () => {
    await start(
      jobs(
        `  a: { runs-on: { group: org/Other, labels: fargate }, ${STEPS} }\n  b: { runs-on: { group: default }, ${STEPS} }\n`,
      ),
    );
    for (const name of ['r1', 'r2']) await connected(harness, name, ['fargate']);
    expect(records().map(({ assigned }) => assigned !== null)).toEqual([false, true]);
  });
});

describe('a folder', () => {
  const file = (on: string): string => `on: ${on}\njobs: { a: { runs-on: fargate, ${STEPS} } }\n`;

  it('should start each workflow that the event triggers, and say what it does not do', async () => {
    const files = {
      'a.yml': file('push'),
      'b.yml': file('[pull_request, push]'),
      'c.yml': file('{ push: { branches: ["rel/**", "!rel/x"] } }'),
      'd.yml': `concurrency: x\n${file('{ push: { paths: [src/**] } }').replace('fargate', 'ubuntu-latest')}`,
    };
    const { runs, notes } = await readAll(files, { isServed: (labels) => labels.includes('none') });
    expect(runs.map(({ workflow }) => workflow.name.slice(-5))).toEqual(['a.yml', 'b.yml', 'd.yml']);
    expect(notes.map((note) => note.replaceAll('.github/workflows/', ''))).toEqual([
      'a.yml: no runner here has the labels fargate, so these wait: a',
      'b.yml: no runner here has the labels fargate, so these wait: a',
      "d.yml: on GitHub's runner ubuntu-latest, not run here and without outputs: a",
      'd.yml: concurrency is left out of account',
      'd.yml: paths of its push are taken as changed',
      'c.yml: not started by a push of refs/heads/main',
    ]);
  });

  it.each([
    ['push', 'refs/heads/main', true],
    ['{ push: }', 'refs/tags/v1', true],
    ['{ push: { branches: [main] } }', 'refs/heads/main', true],
    ['{ push: { branches: [main] } }', 'refs/tags/v1', false],
    ['{ push: { tags: [v*] } }', 'refs/heads/main', false],
    ['{ push: { tags: [v*] } }', 'refs/tags/v1.2', true],
    ['{ push: { tags-ignore: [v*] } }', 'refs/tags/v1.2', false],
    ['{ push: { branches-ignore: [dev] } }', 'refs/heads/main', true],
    ['{ push: { branches: ["*"] } }', 'refs/heads/a/b', false],
    ['{ push: { branches: ["**"] } }', 'refs/heads/a/b', true],
    ['{ push: { branches: ["rel/**", "!rel/x"] } }', 'refs/heads/rel/x', false],
    ['{ push: { branches: ["rel/**", "!rel/x"] } }', 'refs/heads/rel/y', true],
    ['{ push: { branches: ["v[12].[0-9]+"] } }', 'refs/heads/v1.10', true],
    ['{ push: { branches: ["v1.x"] } }', 'refs/heads/v1xx', false],
    ['{ push: { branches: ["mains?"] } }', 'refs/heads/main', true],
    ['workflow_dispatch', 'refs/heads/main', false],
  ])('should take on: %s by a push of %s: %s', async (on, ref, isStarted) => {
    const read = readAll({ 'ci.yml': file(on) }, { ref });
    if (isStarted) expect((await read).runs).toHaveLength(1);
    else await expect(read).rejects.toThrow('Nothing starts');
  });

  it('should start by hand, with the defaults of inputs in their types', async () => {
    const on =
      '{ workflow_dispatch: { inputs: { a: { default: x }, b: { type: boolean, default: true }, c: { type: number, default: 2 }, d: {}, e: { type: boolean } } } }';
    const workflows = await readAll({ 'ci.yml': file(on) }, { event: 'workflow_dispatch' });
    startWorkflows(harness.github, 'acme/shop', workflows);
    expect(find('a').definition).toMatchObject({
      contexts: { inputs: { a: 'x', b: true, c: 2, d: '', e: false } },
      github: {
        event_name: 'workflow_dispatch',
        event: { inputs: { a: 'x', b: 'true', c: '2', d: '', e: 'false' } },
      },
    });
    expect(find('a').run.origin).toMatchObject({
      event: 'workflow_dispatch',
      path: '.github/workflows/ci.yml',
    });
  });

  it('should be of the commit that it has checked out', async () => {
    const folder = folderOf({ 'ci.yml': file('push') });
    const git = (...words: string[]) =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
        encoding: 'utf8',
      });
    expect((await readWorkflows(folder, { repository: 'acme/shop' })).sha).toBeUndefined();
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message=one');
    const workflows = await readWorkflows(folder, { repository: 'acme/shop' });
    startWorkflows(harness.github, 'acme/shop', workflows);
    expect(find('a').run.headSha).toBe(git('rev-parse', 'HEAD').trim());
  });
});
