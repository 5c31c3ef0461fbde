import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createScenario, play } from '../../../local/play/scenario.ts';
import { type Summary, summarise } from '../../../local/play/summary.ts';
import { waitUntilQuiet } from '../../../local/play/wait-until-quiet.ts';
import { seededRandom } from '../../../model/dice.ts';
import { startTestWorld } from '../../fixtures/world.ts';

const DIST = path.join(import.meta.dirname, '../../../dist');
const FUNCTIONS = ['webhook', 'reconcile', 'settle', 'sweep'];
const JOBS = 12;

interface Played {
  readonly summary: Summary;
  /** How many deliveries came too late for the webhook to launch by them. */
  readonly old: number;
}

async function playIn(bundles: string): Promise<Played> {
  const random = seededRandom(1);
  const world = await startTestWorld({ bundles, random, sweepEverySeconds: 60 });
  try {
    await play(world, createScenario(world, world.policy, { jobs: JOBS, random }), () => undefined);
    await waitUntilQuiet(world, new AbortController().signal);
    const old = world.github
      .deliveries()
      .filter(({ responseBody }) => responseBody.includes('event-too-old'));
    return { summary: summarise(world, world.policy), old: old.length };
  } finally {
    await world.close();
  }
}

/** The functions as they are on a machine that is busy: seconds for a cold start, a tenth of one for an event. */
async function slowBundles(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-slow-'));
  for (const name of FUNCTIONS) {
    await cp(path.join(DIST, name), path.join(folder, name), { recursive: true });
    const file = path.join(folder, name, 'index.js');
    const code = await readFile(file, 'utf8');
    await writeFile(
      file,
      `const work = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
      work(2_000); process.on('message', () => work(100));\n${code}`,
    );
  }
  expect(await readdir(folder)).toHaveLength(FUNCTIONS.length);
  return folder;
}

describe('the figures of the default scenario', () => {
  it('should be those of the model, whatever the machine has to do beside it', {
    timeout: 600_000,
  }, async () => {
    const slow = await slowBundles();
    try {
      const [quiet, busy] = [await playIn(DIST), await playIn(slow)];
      for (const { summary, old } of [quiet, busy]) {
        expect(summary.jobs).toMatchObject({ completed: JOBS, lost: 0, duplicated: 0 });
        expect(summary.leftover).toEqual({ tasks: 0, runners: 0, messages: 0 });
        expect(old).toBe(0);
      }
      const { p50: median, p95: slowest } = quiet.summary.queueToStartSeconds.byWebhook;
      // The least and the most of a boot, and of a delivery before it (model/ecs/times.ts).
      expect(median).toBeGreaterThan(20);
      expect(slowest).toBeLessThan(45);
      for (const share of ['p50', 'p95'] as const) {
        const [one = 0, other = 0] = [quiet, busy].map(
          ({ summary }) => summary.queueToStartSeconds[share] ?? 0,
        );
        expect(Math.abs(one / other - 1)).toBeLessThan(0.05);
      }
    } finally {
      rmSync(slow, { recursive: true });
    }
  });
});
