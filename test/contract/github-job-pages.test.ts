import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connected, type Harness, job, startHarness } from './github-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const queue = (...jobs: ReturnType<typeof job>[]) =>
  harness.github.queueRun({ repository: 'acme/shop', jobs });
const runOf = (id: number) => harness.github.jobs().find((one) => one.id === id)?.runId;

async function visit(id: number, { run = runOf(id), repository = 'acme/shop' } = {}) {
  const answer = await fetch(`${harness.github.url}/${repository}/actions/runs/${run}/job/${id}`);
  return { status: answer.status, text: await answer.text() };
}

describe('the page of a job', () => {
  it('should say what GitHub knows of it: queued, at work, and ended with its annotation', async () => {
    const [id = 0, other = 0] = queue(job('build', 'fargate'), job('lint', 'ubuntu-x'));
    expect(await visit(id)).toMatchObject({
      status: 200,
      text: expect.stringMatching(/build.*Labels.*fargate.*It has not begun.*waiting for a runner/s),
    });
    const { listener } = await connected(harness, 'r1', ['fargate']);
    await listener.poll();
    await listener.acquire();
    expect((await visit(id)).text).toMatch(
      /r1 \(Default\).*in progress.*Set up job: in_progress.*on the runner: r1/s,
    );
    const annotations = [{ message: 'exit code 1' }];
    await listener.complete('failed', { annotations });
    const { text } = await visit(id);
    expect(text).toMatch(
      /Status<\/dt><dd>failure.*Run build: failure.*Error: exit code 1.*Job ended: failure/s,
    );
    expect(text).toContain(`job/${other}">lint</a>: `);
  });

  it('should be of its run and its repository alone', async () => {
    const [id = 0] = queue(job('build', 'fargate'));
    expect((await visit(id, { run: 1 })).status).toBe(404);
    expect((await visit(id, { repository: 'acme/web' })).status).toBe(404);
    expect((await visit(1, { run: 1 })).status).toBe(404);
    expect((await visit(id, { repository: 'Acme/Shop' })).status).toBe(200);
  });

  it('should show markup as the text that it is', async () => {
    const [id = 0] = queue(job('<script>alert(1)</script>', 'fargate'));
    expect((await visit(id)).text).not.toContain('<script>');
  });
});
