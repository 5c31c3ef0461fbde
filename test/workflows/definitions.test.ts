import { describe, expect, it } from 'vitest';
import type { JobDefinition } from '../../local/github/service/definition.ts';
import { jobs, readAll } from './folder.ts';

const map = (entries: Readonly<Record<string, unknown>>) => ({
  type: 2,
  map: Object.entries(entries).map(([Key, Value]) => ({ Key, Value })),
});
const list = (...seq: unknown[]) => ({ type: 1, seq });
const expr = (text: string) => ({ type: 3, expr: text });
const script = (text: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
  condition: 'success()',
  reference: { type: 'script' },
  inputs: map({ script: text, ...more }),
});

/** The definition of the only job. */
async function definitionOf(text: string): Promise<JobDefinition | undefined> {
  const { runs } = await readAll({ 'ci.yml': text });
  return runs[0]?.workflow.jobs[0]?.definition;
}

const step = async (text: string) =>
  (
    await definitionOf(
      jobs(`  a:\n    runs-on: fargate\n    steps:\n      - ${text.replaceAll('\n', '\n        ')}\n`),
    )
  )?.steps[0];

describe('a step', () => {
  it.each([
    ['run: echo', script('echo')],
    ['run: |\n  a\n    b', script('a\n  b\n')],
    [
      `run: |\n  a\n    \${{ github.sha }} {}\n  it's`,
      script(expr("format('a\n  {0} {{}}\nit''s\n', github.sha)")),
    ],
    [`run: \${{ vars.X }}`, script(expr('vars.X'))],
    [
      `run: echo\nshell: bash\nworking-directory: \${{ matrix.x }}/y`,
      script('echo', { shell: 'bash', workingDirectory: expr("format('{0}/y', matrix.x)") }),
    ],
    [
      `run: echo\nid: one\nname: One \${{ 1 }}`,
      { ...script('echo'), id: 'one', name: expr("format('One {0}', 1)") },
    ],
    [
      `run: echo\nenv: { A: 1, B: true, C: "\${{ secrets.c }}" }`,
      { ...script('echo'), environment: map({ A: '1', B: 'true', C: expr('secrets.c') }) },
    ],
    ['run: echo\nenv: { 4: x }', { ...script('echo'), environment: map({ 4: 'x' }) }],
    [
      'run: echo\ncontinue-on-error: true\ntimeout-minutes: 5',
      { ...script('echo'), continueOnError: true, timeoutInMinutes: 5 },
    ],
    [
      `run: echo\ncontinue-on-error: \${{ matrix.x }}\ntimeout-minutes: \${{ fromJSON(env.T) }}`,
      { ...script('echo'), continueOnError: expr('matrix.x'), timeoutInMinutes: expr('fromJSON(env.T)') },
    ],
    [
      "run: echo\nif: github.ref == 'x'",
      { ...script('echo'), condition: "success() && (github.ref == 'x')" },
    ],
    [`run: echo\nif: \${{ github.ref }}`, { ...script('echo'), condition: 'success() && (github.ref)' }],
    ['run: echo\nif: always()', { ...script('echo'), condition: 'always()' }],
    ['run: echo\nif: "!cancelled() && env.X"', { ...script('echo'), condition: '!cancelled() && env.X' }],
    [
      "run: echo\nif: contains('failure()', github.ref)",
      { ...script('echo'), condition: "success() && (contains('failure()', github.ref))" },
    ],
    ['run: echo\nif: false', { ...script('echo'), condition: 'success() && (false)' }],
    ['run: echo\nif: ""', { ...script('echo'), condition: 'success()' }],
  ])('of %j should be carried whole', async (text, expected) => {
    expect(await step(text)).toEqual(expected);
  });

  it.each([
    [
      'actions/checkout@v4',
      { type: 'repository', repositoryType: 'GitHub', name: 'actions/checkout', ref: 'v4', path: '' },
    ],
    [
      'github/codeql-action/init@a/b',
      {
        type: 'repository',
        repositoryType: 'GitHub',
        name: 'github/codeql-action',
        ref: 'a/b',
        path: 'init',
      },
    ],
    ['./x/y', { type: 'repository', repositoryType: 'self', path: './x/y' }],
    ['docker://ghcr.io/a/b:1', { type: 'containerRegistry', image: 'ghcr.io/a/b:1' }],
  ])('should use %s', async (uses, reference) => {
    expect(await step(`uses: ${uses}`)).toEqual({ condition: 'success()', reference });
  });

  it('should hand an action its inputs as texts', async () => {
    expect(await step(`uses: a/b@c\nwith: { x: 1, y: "a \${{ runner.os }}" }`)).toMatchObject({
      inputs: map({ x: '1', y: expr("format('a {0}', runner.os)") }),
    });
  });
});

describe('a job', () => {
  it('should have env and defaults of the workflow before its own', async () => {
    const text = `on: push
env: { A: w }
defaults: { run: { shell: sh } }
jobs:
  a:
    runs-on: fargate
    env: { A: "\${{ vars.A }}" }
    defaults: { run: { working-directory: x } }
    steps: [{ run: echo }]
`;
    expect(await definitionOf(text)).toEqual({
      key: 'a',
      steps: [script('echo')],
      environment: [map({ A: 'w' }), map({ A: expr('vars.A') })],
      defaults: [map({ run: map({ shell: 'sh' }) }), map({ run: map({ 'working-directory': 'x' }) })],
    });
  });

  it('should have container, services and outputs as they stand', async () => {
    const text = jobs(`  a:
    runs-on: fargate
    container: { image: "node:\${{ matrix.n }}", env: { A: 1 }, ports: [80] }
    services: { db: { image: redis, ports: ["6379:6379"] } }
    outputs: { v: "\${{ steps.s.outputs.v }}" }
    steps: [{ run: echo }]
`);
    expect(await definitionOf(text)).toMatchObject({
      container: map({
        image: expr("format('node:{0}', matrix.n)"),
        env: map({ A: '1' }),
        ports: list('80'),
      }),
      services: map({ db: map({ image: 'redis', ports: list('6379:6379') }) }),
      outputs: map({ v: expr('steps.s.outputs.v') }),
    });
  });

  it.each([
    ['permissions: { id-token: write }', '', { 'id-token': 'write' }],
    ['permissions: { id-token: write }', 'permissions: {}', {}],
    ['permissions: read-all', '', { contents: 'read', 'id-token': 'none' }],
    ['', 'permissions: write-all', { contents: 'write', 'id-token': 'write' }],
    ['', '', undefined],
  ])('should have the permissions of %j and %j', async (workflow, own, expected) => {
    const text = `on: push\n${workflow}\njobs:\n  a:\n    runs-on: x\n    ${own}\n    steps: [{ run: echo }]\n`;
    expect((await definitionOf(text))?.permissions).toEqual(expected);
  });

  it('should be read through anchors and aliases', async () => {
    const text = jobs(`  a: &a
    runs-on: fargate
    steps: &steps [{ run: echo }]
  b:
    runs-on: fargate
    steps: *steps
`);
    const { runs } = await readAll({ 'ci.yml': text });
    expect(runs[0]?.workflow.jobs.map(({ definition }) => definition.steps)).toEqual([
      [script('echo')],
      [script('echo')],
    ]);
  });
});
