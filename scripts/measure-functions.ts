/**
 * `npm run measure -- [JOBS] [SPEED] [SHARE]`: what each function uses of memory and time. Plays the scenario of
 * `npm start` on the embedded world with the deployed bundles, one process each under Lambda's Node, while a share of
 * the answers, all unless given, comes late: GitHub's by 1.5 s and AWS's by 1 s. Prints the tables of docs/functions.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { createScenario, play } from '../local/play/scenario.ts';
import { settle } from '../local/play/settle.ts';
import { startWorld, type World } from '../local/world/start-world.ts';
import { seededRandom } from '../model/dice.ts';
import { buildFunctions } from './build.ts';

const ROOT = path.join(import.meta.dirname, '..');
const [JOBS = 16, SPEED = 1, SHARE = 1] = process.argv.slice(2).map(Number);
const LOOK_EVERY_MS = 100;
/** /proc/PID/stat counts CPU time in these (proc(5), sysconf(_SC_CLK_TCK) is 100 on Linux). */
const MS_PER_TICK = 10;

interface Process {
  readonly name: string;
  readonly peakMiB: number;
  readonly cpuMs: number;
}

/** A function's processes as they are now, by their bundles' folders. */
function look(): Map<string, Process> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(pids.flatMap((pid) => (readProcess(pid) ?? []).map((found) => [pid, found])));
}

function readProcess(pid: string): Process[] | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const [, bundle] = /^(?:.*\/)?dist\/([\w-]+)\/index\.js$/.exec(command.at(-2) ?? '') ?? [];
    if (bundle === undefined || !command.some((part) => part.endsWith('lambda/instance.ts'))) return [];
    const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    return [{ name: bundle, peakMiB: Math.ceil(peakKiB / 1024), cpuMs }];
  } catch {
    return undefined; // it has gone meanwhile
  }
}

/** The embedded world has at least as many processes for a function: an invocation over it may wait for one. */
const NEVER_WAITING = 2;

/** Notes how long each invocation takes, in world time; the work of this machine counts SPEED times. */
function timeInvocations(world: World): Map<string, number[]> {
  const durations = new Map<string, number[]>();
  for (const [name, of] of world.functions) {
    const invoke = of.invoke.bind(of);
    const measured: number[] = [];
    let running = 0;
    durations.set(name, measured);
    Object.assign(of, {
      async invoke(event: unknown) {
        const waits = running >= NEVER_WAITING;
        const startedMs = world.clock.nowMs();
        running += 1;
        try {
          return await invoke(event);
        } finally {
          running -= 1;
          if (!waits) measured.push(world.clock.nowMs() - startedMs);
        }
      },
    });
  }
  return durations;
}

const policy = parseRunnersConfig(readFileSync(path.join(ROOT, 'runners.yml'), 'utf8'));
await buildFunctions();
const random = seededRandom(1);
const world = await startWorld({ speed: SPEED, policy, bundles: path.join(ROOT, 'dist'), random });
world.faults.setRate('github-latency', SHARE);
world.faults.setRate('aws-latency', SHARE);
const durations = timeInvocations(world);
const seen = new Map<string, Process>();
const looking = setInterval(() => {
  for (const [pid, process] of look()) seen.set(pid, process);
}, LOOK_EVERY_MS);
try {
  await play(world, createScenario(world, policy, { jobs: JOBS, random }), () => {});
  await settle(world, new AbortController().signal);
} finally {
  clearInterval(looking);
  await world.close();
}

console.log(
  '| Function | Invocations | Longest, s | Median, s | Peak memory, MiB | CPU of an invocation, ms |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [name, of] of durations) {
  const folder = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const processes = [...seen.values()].filter((process) => process.name === folder);
  const sorted = of.toSorted((a, b) => a - b);
  const seconds = (ms: number | undefined) => ((ms ?? 0) / 1000).toFixed(1);
  const peak = Math.max(...processes.map(({ peakMiB }) => peakMiB));
  const cpu = processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / Math.max(1, of.length);
  console.log(
    `| ${name} | ${of.length} | ${seconds(sorted.at(-1))} | ${seconds(sorted[sorted.length >> 1])} | ${peak} | ${Math.round(cpu)} |`,
  );
}
