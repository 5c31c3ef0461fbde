import { describe, expect, it } from 'vitest';
import { WorkflowError } from '../../local/workflows/problems.ts';
import { readWorkflows } from '../../local/workflows/read.ts';
import { folderOf, jobs, readAll } from './folder.ts';

const job = (rest: string): string => jobs(`  a:\n    runs-on: x\n    ${rest}\n    steps: [{ run: echo }]\n`);
const steps = (text: string): string => jobs(`  a:\n    runs-on: x\n    steps: [${text}]\n`);

async function messageOf(
  files: Readonly<Record<string, string>>,
  event?: 'workflow_dispatch',
): Promise<string> {
  const error = await readAll(files, event && { event }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowError);
  return (error as WorkflowError).message;
}

const FILE = '.github/workflows/ci.yml';

describe('what is wrong', () => {
  it.each([
    [
      'not YAML',
      'on: [',
      `${FILE}:1:6: Flow sequence in block collection must be sufficiently indented and end with a ]. See docs.github.com, Workflow syntax for GitHub Actions.`,
    ],
    [
      'an empty file',
      '',
      `${FILE}: Expected a scalar value, a sequence, or a mapping. See docs.github.com, Workflow syntax for GitHub Actions.`,
    ],
    [
      'a list',
      '- a',
      `${FILE}:1:1: A sequence was not expected. See docs.github.com, Workflow syntax for GitHub Actions.`,
    ],
    [
      'no event',
      'jobs: { a: { runs-on: x, steps: [{ run: echo }] } }',
      `${FILE}:1:1: Required property is missing: on. Add on.`,
    ],
    ['an unknown key', job('step: 1'), `${FILE}:5:5: Unexpected value 'step'. Did you mean steps?`],
    [
      'a key that nothing resembles',
      job('zyzzyva: 1'),
      `${FILE}:5:5: Unexpected value 'zyzzyva'. Take it out, or see docs.github.com, Workflow syntax for GitHub Actions.`,
    ],
    ['a key twice', job('runs-on: y'), `${FILE}:5:5: 'runs-on' is already defined. Keep one runs-on.`],
    ['a list as a key', job('? [a]\n    : b'), /^\.github\/workflows\/ci\.yml:\d+:\d+: Unexpected value/],
    [
      'no runs-on',
      jobs('  a: { steps: [{ run: echo }] }\n'),
      `${FILE}:3:6: Required property is missing: runs-on. Add runs-on.`,
    ],
    [
      'an unknown need',
      `${job('needs: b')}  c: { runs-on: x, steps: [{ run: e }] }\n`,
      `${FILE}:5:12: Job 'a' depends on unknown job 'b'. Name a job of this file instead of b.`,
    ],
    [
      'a circle',
      jobs(
        '  a: { needs: b, runs-on: x, steps: [{ run: e }] }\n  b: { needs: a, runs-on: x, steps: [{ run: e }] }\n',
      ),
      /no dependencies\. Take the needs of one job out\./,
    ],
    [
      'a bad id',
      steps('{ id: "1 a", run: e }'),
      /:5:19: The identifier '1 a' is invalid\..*Give it another id\./,
    ],
    [
      'an id twice',
      steps('{ id: a, run: e }, { id: a, run: e }'),
      /:5:38: The identifier 'a' may not be used more than once within the same scope\. Give it another id\./,
    ],
    [
      'an unknown context',
      steps(`{ run: "\${{ foo.x }}" }`),
      `${FILE}:5:21: Unrecognized named-value: 'foo'. foo cannot be used here: see docs.github.com, Contexts reference, Context availability.`,
    ],
    ['a context where it is not known', job(`name: \${{ env.X }}`), /:5:11: Unrecognized named-value: 'env'/],
    [
      'an unknown function',
      steps(`{ run: "\${{ foo(1) }}" }`),
      /:5:21: Unrecognized function: 'foo'\. foo cannot be called here/,
    ],
    [
      'a status function in a name',
      steps(`{ run: e, name: "\${{ success() }}" }`),
      /Unrecognized function: 'success'/,
    ],
    [
      'half an expression',
      job('if: github.ref =='),
      /:5:9: Unexpected end of expression: .*Correct the expression\./,
    ],
    [
      'an expression that is not closed',
      steps(`{ run: "\${{ github.ref" }`),
      /not closed.*Close it with }}\./,
    ],
    [
      'an expression in an event',
      `on: \${{ github.ref }}\njobs: {}`,
      /:1:5: Unrecognized named-value: 'github'/,
    ],
    [
      'an expression in a text of several lines',
      jobs(`  a:\n    runs-on: x\n    steps:\n      - run: |\n          echo\n          echo \${{ foo }}\n`),
      `${FILE}:8:16: Unrecognized named-value: 'foo'. foo cannot be used here: see docs.github.com, Contexts reference, Context availability.`,
    ],
    [
      'a text for a number',
      job('timeout-minutes: soon'),
      `${FILE}:5:22: Unexpected value 'soon'. Take it out, or see docs.github.com, Workflow syntax for GitHub Actions.`,
    ],
    ['no steps', jobs('  a: { runs-on: x, steps: [] }\n'), `${FILE}:3:3: The job a has no steps. Add steps.`],
    [
      'no label',
      jobs('  a: { runs-on: [], steps: [{ run: e }] }\n'),
      `${FILE}:3:3: Error when evaluating 'runs-on' for job 'a'. It names no label and no group. Correct this job.`,
    ],
    [
      'an action without a ref',
      steps('{ uses: actions/checkout }'),
      `${FILE}:5:21: There is no action 'actions/checkout'. Write owner/name@ref, owner/name/path@ref, docker://image or ./path.`,
    ],
    [
      'a reusable workflow',
      jobs('  a: { uses: ./.github/workflows/b.yml }\n'),
      `${FILE}:3:14: This world calls no reusable workflows. Put the steps of its jobs into this job.`,
    ],
    [
      'an insertion',
      job(`env: { "\${{ insert }}": "\${{ github.x }}" }`),
      /This world does not know the directive insert\. Write the entries themselves\./,
    ],
    ['a snapshot', job('snapshot: x'), /:5:15: This world makes no images of runners\. Take snapshot out\./],
    [
      'a matrix without values',
      job('strategy: { matrix: { x: [] } }'),
      `${FILE}:3:3: Error when evaluating 'strategy' for job 'a'. Matrix vector 'x' does not contain any values. Correct this job.`,
    ],
    [
      'JSON that is none',
      job(`name: \${{ fromJSON('{') }}`),
      /^\.github\/workflows\/ci\.yml:3:3: Error when evaluating 'name' for job 'a'\. Error parsing JSON/,
    ],
    [
      'nothing that the event starts',
      'on: { push: { branches: [dev] }, pull_request: }\njobs: { a: { runs-on: x, steps: [{ run: e }] } }',
      '.github/workflows: Nothing starts by a push of refs/heads/main. What they wait for: push of dev (ci.yml), pull_request (ci.yml).',
    ],
  ])('should be told with its place and what to do: %s', async (_, text, expected) => {
    const message = await messageOf({ 'ci.yml': text });
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
    expect(message).not.toMatch(/\n\s+at |node_modules/);
  });

  it('should be told of all files at once, in their order', async () => {
    const good = job('name: a');
    const files = { 'b.yaml': job('nme: 1'), 'a.yml': job('need: 1'), 'c.yml': good, 'd.txt': '[' };
    expect((await messageOf(files)).split('\n')).toEqual([
      expect.stringMatching(/^\.github\/workflows\/a\.yml:5:5: .*Did you mean needs\?$/),
      expect.stringMatching(/^\.github\/workflows\/b\.yaml:5:5: .*Did you mean name\?$/),
    ]);
  });

  it('should be told of an input that nobody gives', async () => {
    const on =
      'on: { workflow_dispatch: { inputs: { a: { required: true }, b: { required: true, default: x } } } }';
    const text = `${on}\njobs: { a: { runs-on: x, steps: [{ run: e }] } }`;
    expect(await messageOf({ 'ci.yml': text }, 'workflow_dispatch')).toMatch(
      /:1:38: The input a is required and has no default\. Give it a default/,
    );
  });

  it('should be told of a folder without workflows', async () => {
    const error = await readWorkflows('/nowhere', { repository: 'acme/shop' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).toBe(
      'WorkflowError: .github/workflows: /nowhere/.github/workflows cannot be read: ENOENT. Name a folder that has workflows.',
    );
    await expect(readWorkflows(folderOf({}), { repository: 'acme/shop' })).rejects.toThrow(
      'Nothing starts by a push of refs/heads/main. Add on: push to a workflow.',
    );
  });
});
