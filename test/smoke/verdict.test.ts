import { describe, expect, it } from 'vitest';
import { smokeJob } from '../../local/smoke/job.ts';
import { judge, type Seen } from '../../local/smoke/verdict.ts';

const SEEN: Seen = {
  status: 'completed',
  conclusion: 'success',
  annotation: null,
  steps: [{ name: 'Set up job', conclusion: 'success' }],
  log: ['a line'],
};

describe('the verdict of the smoke test', () => {
  it('should be green for a job that succeeded, and for no other', () => {
    expect(judge(SEEN, []).isGreen).toBe(true);
    for (const conclusion of [null, 'failure', 'cancelled', 'skipped'])
      expect(judge({ ...SEEN, conclusion }, []).isGreen).toBe(false);
  });

  it('should tell what the job was, its steps and its log', () => {
    const failed = { ...SEEN, conclusion: 'failure', annotation: 'exit code 1' };
    expect(judge(failed, []).text).toBe(
      'the job is completed: failure (exit code 1)\n  success    Set up job\na line',
    );
    expect(judge({ ...SEEN, status: 'queued', conclusion: null, steps: [], log: [] }, []).text).toBe(
      'the job is queued',
    );
  });

  it('should mask secrets, and keep the end of a long log', () => {
    const log = Array.from({ length: 1_200 }, (_, index) => `line ${index} of s3same`);
    const lines = judge({ ...SEEN, log }, ['s3same', '']).text.split('\n');
    expect(lines).toHaveLength(2 + 1 + 1_000);
    expect(lines[2]).toBe('[200 lines before these]');
    expect(lines.at(-1)).toBe('line 1199 of ***');
  });
});

describe('the job of the smoke test', () => {
  const references = (uses: readonly string[]) =>
    smokeJob(uses, 'f'.repeat(40)).steps.map((step) => step.reference);

  it('should use both actions at their commits, or none', () => {
    const [checkout, setupNode] = ['a', 'b'].map((letter) => letter.repeat(40));
    expect(references([`actions/checkout@${checkout}`, `actions/setup-node@${setupNode}`])).toEqual([
      { type: 'script' },
      { type: 'script' },
      expect.objectContaining({ name: 'actions/checkout', ref: checkout }),
      expect.objectContaining({ name: 'actions/setup-node', ref: setupNode }),
      { type: 'script' },
    ]);
    expect(references([])).toEqual([{ type: 'script' }]);
  });
});
