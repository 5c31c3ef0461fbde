import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlace } from '../circumstances/place.ts';
import { buildProgram, type Program } from '../circumstances/program.ts';
import { run } from '../circumstances/run.ts';
import { HAS_SCRIPT, interruptAt } from '../circumstances/terminal.ts';

let place: Awaited<ReturnType<typeof openPlace>>;
let program: Program;
const ESCAPE = String.fromCharCode(0x1b);
const SHOW_CURSOR = `${ESCAPE}[?25h`;
const HIDE_CURSOR = `${ESCAPE}[?25l`;

beforeAll(async () => {
  [place, program] = await Promise.all([openPlace(), buildProgram()]);
}, 180_000);
afterAll(async () => {
  await program.remove();
  await place.close();
});

const watching = (...more: string[]) => ({
  ...{ program: program.file, args: ['status', '--watch', '--local', place.world, ...more], environment: {} },
});

describe('a watch that nobody sees', () => {
  it('should write plain blocks with their time, and end well by Ctrl-C', async () => {
    const { code, stdout } = await run({ ...watching(), stays: true });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^--- \d{4}-\d\d-\d\dT.*Z\n/),
    });
    expect(stdout).not.toContain(ESCAPE);
  });

  it('should write an object on each line with --json', async () => {
    const { code, stdout } = await run({ ...watching('--json'), stays: true });
    expect(code).toBe(0);
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jobs');
  });

  it('should end where its pipe is closed', async () => {
    const { code, stderr } = await run({ ...watching(), stdout: 'closed' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe.skipIf(!HAS_SCRIPT)('Ctrl-C on a terminal', () => {
  it('should end a watch well, and show the cursor again', async () => {
    const { code, shown } = await interruptAt(/jobs? open/, program.file, watching().args);
    expect(code).toBe(0);
    expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(shown.lastIndexOf(HIDE_CURSOR));
  });

  it('should leave a question with 130, and show the cursor again', async () => {
    const { code, shown } = await interruptAt(/Delete all this/, program.file, [
      'teardown',
      '--local',
      place.world,
    ]);
    expect(code).toBe(130);
    expect(shown).not.toMatch(/\n\s+at |Error/);
    expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThanOrEqual(shown.lastIndexOf(HIDE_CURSOR));
  });

  it('should end the page well', async () => {
    const args = ['console', '--no-open', '--local', place.world];
    expect((await interruptAt(/Ctrl-C ends it/, program.file, args)).code).toBe(0);
  });
});
