import { describe, expect, it } from 'vitest';
import { expandJob } from '../../local/workflows/expand.ts';
import type { Values } from '../../local/workflows/inputs.ts';
import { jobs, readAll } from './folder.ts';

/** The jobs of a job with these lines, which needs z if it reads it. */
async function expanded(lines: string, contexts: Values = {}) {
  const needs = lines.includes('needs.') ? 'needs: [z]' : '';
  const own = `${lines}\n${needs}`.replaceAll('\n', '\n    ');
  const text = `  a:\n    ${own}\n    steps: [{ run: e }]\n  z: { runs-on: x, steps: [{ run: e }] }\n`;
  const { runs } = await readAll({ 'ci.yml': jobs(text) }, { vars: { L: 'v' } });
  const [template] = runs[0]?.workflow.jobs ?? [];
  if (template === undefined) throw new Error('no job');
  return expandJob(template, { github: {}, inputs: {}, vars: {}, needs: {}, ...contexts });
}

describe('the name of a job', () => {
  const matrix = 'runs-on: x\nstrategy: { matrix: { os: [u, w], n: [1] } }';
  it.each([
    ['runs-on: x', ['a']],
    ['runs-on: x\nname: A', ['A']],
    ['runs-on: x\nname: ""', ['a']],
    [matrix, ['a (u, 1)', 'a (w, 1)']],
    [`${matrix}\nname: Test`, ['Test (u, 1)', 'Test (w, 1)']],
    [`${matrix}\nname: Test \${{ matrix.os }}`, ['Test u', 'Test w']],
    [`${matrix}\nname: \${{ matrix.none }}`, ['a (u, 1)', 'a (w, 1)']],
    [`runs-on: x\nname: ${'n'.repeat(120)}`, [`${'n'.repeat(97)}...`]],
  ])('of %j should be GitHub’s', async (lines, names) => {
    expect((await expanded(lines)).jobs.map(({ name }) => name)).toEqual(names);
  });
});

describe('runs-on', () => {
  it.each([
    ['runs-on: x', { labels: ['x'] }],
    ['runs-on: [x, y, x]', { labels: ['x', 'y'] }],
    ['runs-on: { group: g }', { labels: [], group: 'g' }],
    [`runs-on: { group: org/g, labels: [x, "\${{ vars.L }}"] }`, { labels: ['x', 'v'], group: 'org/g' }],
    [`runs-on: \${{ vars.L }}`, { labels: ['v'] }],
    [`runs-on: [self-hosted, "fargate/cpu=\${{ vars.N }}"]`, { labels: ['self-hosted', 'fargate/cpu=4'] }],
    [`runs-on: \${{ fromJSON(needs.z.outputs.labels) }}`, { labels: ['p', 'q'] }],
    [`runs-on: \${{ inputs.big && 'big' || 'small' }}`, { labels: ['small'] }],
  ])('%s should be evaluated', async (lines, expected) => {
    const needs = { z: { result: 'success', outputs: { labels: '["p","q"]' } } };
    const { jobs: all } = await expanded(lines, { needs, vars: { L: 'v', N: 4 }, inputs: { big: false } });
    expect(all.map(({ labels, group }) => ({ labels, ...(group && { group }) }))).toEqual([expected]);
  });

  it.each([
    [
      `runs-on: \${{ needs.z.outputs.none }}`,
      "Error when evaluating 'runs-on' for job 'a'. Unexpected value ''",
    ],
    [
      `runs-on: \${{ needs.z }}`,
      "Error when evaluating 'runs-on' for job 'a'. It names no label and no group",
    ],
    [
      `runs-on: \${{ fromJSON(needs.z.outputs.none) }}`,
      "Error when evaluating 'runs-on' for job 'a'. empty input",
    ],
  ])('%s should fail in GitHub’s words', async (lines, reason) => {
    await expect(expanded(lines, { needs: { z: {} } })).rejects.toThrow(reason);
  });
});

describe('a strategy', () => {
  it('should be seen by its jobs', async () => {
    const { jobs: all, ...rest } = await expanded(
      'runs-on: x\nstrategy: { fail-fast: false, max-parallel: 2, matrix: { n: [1, 2, 3] } }',
    );
    expect(rest).toEqual({ failFast: false, maxParallel: 2 });
    expect(all.map(({ contexts }) => contexts)).toEqual(
      [1, 2, 3].map((n) => ({
        matrix: { n },
        strategy: { 'fail-fast': false, 'job-index': n - 1, 'job-total': 3, 'max-parallel': 2 },
      })),
    );
  });

  it('should be GitHub’s default without one, and where all is excluded', async () => {
    const alone = { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 };
    for (const lines of ['runs-on: x', 'runs-on: x\nstrategy: { matrix: { n: [1], exclude: [{ n: 1 }] } }'])
      expect(await expanded(lines)).toMatchObject({
        failFast: true,
        maxParallel: Number.POSITIVE_INFINITY,
        jobs: [{ name: 'a', contexts: { matrix: null, strategy: alone } }],
      });
  });

  it('should come out of what another job put out', async () => {
    const lines = `runs-on: x\nstrategy: { matrix: { n: "\${{ fromJSON(needs.z.outputs.m) }}" } }\ntimeout-minutes: \${{ matrix.n }}\ncontinue-on-error: \${{ matrix.n == 2 }}\nenvironment: e\${{ matrix.n }}`;
    const { jobs: all } = await expanded(lines, { needs: { z: { outputs: { m: '[1,2]' } } } });
    expect(all).toMatchObject([
      { name: 'a (1)', timeoutMinutes: 1, continueOnError: false, environmentName: 'e1' },
      { name: 'a (2)', timeoutMinutes: 2, continueOnError: true, environmentName: 'e2' },
    ]);
  });

  it('should come whole out of what another job put out', async () => {
    const lines = `runs-on: x\nstrategy:\n  matrix: \${{ fromJSON(needs.z.outputs.m) }}`;
    const m = '{"n":[1,2],"exclude":[{"n":1}],"include":[{"n":3,"x":"y"}]}';
    const { jobs: all } = await expanded(lines, { needs: { z: { outputs: { m } } } });
    expect(all.map(({ name }) => name)).toEqual(['a (2)', 'a (3, y)']);
  });
});
