/** `npm run measure:phases`: where the time goes in the embedded world, at the real world's speed, as `oneshot status` tells it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../cli/deployment.ts';
import { createObserver } from '../cli/observe/observer.ts';
import type { PhaseSpread } from '../cli/observe/snapshot.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { createClock } from '../local/world/clock.ts';
import { startControl } from '../local/world/control.ts';
import { startWorld, type World } from '../local/world/start-world.ts';
import { seededRandom } from '../model/dice.ts';
import { buildFunctions } from './build.ts';

const ROOT = path.join(import.meta.dirname, '..');
const JOBS = 30;
/** So few at once that two cores start them as if each were alone. */
const APART_MS = 3_000;
const HOUR_MS = 3_600_000;

const policy = parseRunnersConfig(await readFile(path.join(ROOT, 'runners.yml'), 'utf8'));
await buildFunctions();
const world = await startWorld({
  clock: createClock(1),
  policy,
  bundles: path.join(ROOT, 'dist'),
  sweepEverySeconds: 0,
  random: seededRandom(1),
});
const control = await startControl(world);
try {
  await world.github.ping();
  await playJobs(world);
  const local = await connect({ stage: '', region: undefined, local: control.url, githubUrl: undefined });
  const options = { policy: async () => policy, windowMs: HOUR_MS, pause: (ms: number) => pause(ms) };
  const { phases } = await createObserver(local, options).look();
  console.log(phases.map(rowOf).join('\n'));
} finally {
  control.close();
  await world.close();
}

async function playJobs({ github }: World): Promise<void> {
  for (let count = 0; count < JOBS; count += 1) {
    github.queueRun({
      repository: 'acme/web',
      jobs: [{ name: `job ${count}`, labels: ['fargate'], durationSeconds: 5 }],
    });
    await pause(APART_MS);
  }
  while (github.jobs().some(({ status }) => status !== 'completed')) await pause(APART_MS);
  // ECS tells the end of the last task after GitHub told its job's.
  await pause(APART_MS);
}

function rowOf({ phase, p50, p95, count }: PhaseSpread): string {
  return `| ${phase} | ${p50.toFixed(1)} | ${p95.toFixed(1)} | ${count} |`;
}
