import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../local/world/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const turns = async (): Promise<void> => {
  for (let count = 0; count < 50; count++) await turn();
};
const passedMs = (clock: ReturnType<typeof createVirtualClock>): number => clock.nowMs() - clock.epochMs;

describe('the clock of the embedded world', () => {
  it('should jump to what is due next where nobody works and somebody waits, in the order that it is due', async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    clock.after(2 * HOUR_MS, () => fired.push('second'));
    clock.after(HOUR_MS, () => fired.push('first'));
    clock.after(2 * HOUR_MS, () => fired.push('third'));
    await clock.sleep(3 * HOUR_MS);
    expect(fired).toEqual(['first', 'second', 'third']);
    expect(passedMs(clock)).toBe(3 * HOUR_MS);
  });

  it('should stand still while somebody works, and continue when that waits for the time itself', async () => {
    const clock = createVirtualClock();
    const work = clock.hold();
    const slept = clock.sleep(HOUR_MS);
    await turns();
    expect(passedMs(clock)).toBe(0);
    work.pause();
    await slept;
    expect(passedMs(clock)).toBe(HOUR_MS);
    work.resume();
    void clock.sleep(HOUR_MS);
    await turns();
    expect(passedMs(clock)).toBe(HOUR_MS);
    work.release();
    await clock.until(() => passedMs(clock) === 2 * HOUR_MS);
  });

  it('should let works overlap by no more than their slack', async () => {
    const clock = createVirtualClock();
    const fired: number[] = [];
    for (const atMs of [400, 500, 501]) clock.after(atMs, () => fired.push(atMs));
    const work = clock.hold(500);
    const rest = clock.hurry();
    await turns();
    expect(fired).toEqual([400, 500]);
    work.release();
    await clock.until(() => fired.length === 3);
    rest();
  });

  it('should not jump where nobody waits: only at its pace does time pass', async () => {
    const clock = createVirtualClock({ pace: 0.001 });
    let hasFired = false;
    clock.after(HOUR_MS, () => {
      hasFired = true;
    });
    await turns();
    expect(hasFired).toBe(false);
    clock.stop();
  });

  it('should ask before each step whether what is waited for is there, and take no step more', async () => {
    const clock = createVirtualClock({ pace: 0.001 });
    let fired = 0;
    for (let count = 1; count <= 10; count++) clock.after(count * HOUR_MS, () => fired++);
    expect(await clock.until(() => fired === 4)).toBe(true);
    await turns();
    expect(fired).toBe(4);
    expect(await clock.until(() => false, 2 * HOUR_MS)).toBe(false);
    clock.stop();
  });

  it('should let an answer be late by the world, whatever works meanwhile', async () => {
    const clock = createVirtualClock();
    const work = clock.hold();
    await clock.lag(1_500);
    expect(passedMs(clock)).toBe(1_500);
    work.release();
  });

  it('should pass by what shows no sign of life, and wait for what does', async () => {
    const clock = createVirtualClock({ patienceMs: 1 });
    const hung = clock.hold();
    await clock.sleep(HOUR_MS);
    expect(passedMs(clock)).toBe(HOUR_MS);
    hung.release();
  });

  it('should hold nothing up once it is stopped', async () => {
    const clock = createVirtualClock();
    let hasFired = false;
    clock.after(1, () => {
      hasFired = true;
    });
    clock.stop();
    clock.hurry();
    await turns();
    expect(hasFired).toBe(false);
  });
});
