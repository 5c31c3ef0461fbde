import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import type { Profile } from '../test/simulation/profiles.ts';
import type { simulate } from '../test/simulation/simulate.ts';

/** One rule broken: a piece of a file that stands there once, and what is put in its place. */
interface Mutant {
  readonly rule: number;
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const LAUNCH = 'launch/launch.ts';
const RECEIVE = 'webhook/receive.ts';
const MARK = 'webhook/mark.ts';
const RECONCILE = 'reconcile/reconcile.ts';
const PLAN = 'core/plan-reconcile.ts';
const SWEEP = 'sweep/sweep.ts';
const PLAN_SWEEP = 'core/plan-sweep.ts';
const REMOVE_OWN = `  if (run.kind !== 'unknown') await removeOwn();`;

const MUTANTS: readonly Mutant[] = [
  {
    rule: 1,
    what: 'a generation is launched again under its name',
    file: PLAN,
    from: 'generation: generationAt(createdAtMs, nowMs)',
    to: 'generation: generationAt(createdAtMs, nowMs) * 0',
  },
  {
    rule: 4,
    what: 'a JIT 409 counts as launched',
    file: LAUNCH,
    from: `  if (jit.kind !== 'created') return ended('jit-config', jit);`,
    to: `  if (jit.kind === 'taken') return { kind: 'launched', runnerName: name, runnerId: 0, taskArn: '', fellBack: false };
  if (jit.kind !== 'created') return ended('jit-config', jit);`,
  },
  {
    rule: 5,
    what: 'a throttle on a second attempt is firm',
    file: 'ecs/classify.ts',
    from: 'status < 500 && attempts === 1',
    to: 'status < 500',
  },
  {
    rule: 6,
    what: 'an unknown outcome falls back to on-demand',
    file: LAUNCH,
    from: `plan.given.spot && outcome.kind === 'refused' && outcome.refusal === 'no-capacity'`,
    to: `plan.given.spot && outcome.kind !== 'launched'`,
  },
  { rule: 7, what: 'a refusal leaves its registration', file: LAUNCH, from: REMOVE_OWN, to: '' },
  {
    rule: 7,
    what: 'an unknown outcome removes the registration',
    file: LAUNCH,
    from: REMOVE_OWN,
    to: '  await removeOwn();',
  },
  {
    rule: 8,
    what: 'a ConflictException leaves the own registration',
    file: LAUNCH,
    from: REMOVE_OWN,
    to: REMOVE_OWN.replace(`'unknown')`, `'unknown' && run.kind !== 'taken')`),
  },
  { rule: 9, what: 'an old event launches', file: RECEIVE, from: 'FRESH_MS = 30_000', to: 'FRESH_MS = 1e12' },
  {
    rule: 9,
    what: 'a launch that failed raises no doubt',
    file: RECEIVE,
    from: 'return { ...(await doubtFor(decision, outcome.kind, ports)), outcome };',
    to: `return { status: 200, message: '', outcome };`,
  },
  {
    rule: 10,
    what: 'a doubt that was not kept is acknowledged',
    file: RECEIVE,
    from: '  await doubt({ repository: { ...repository, installationId } });',
    to: '  await doubt({ repository: { ...repository, installationId } }).catch(() => undefined);',
  },
  {
    rule: 12,
    what: 'the deduplication id has no minute',
    file: 'core/doubt.ts',
    from: 'Math.floor(nowMs / MINUTE_MS)',
    to: 'Math.floor(nowMs / MINUTE_MS / 1e9)',
  },
  {
    rule: 12,
    what: 'every doubt is a message of its own',
    file: 'core/doubt.ts',
    from: 'Math.floor(nowMs / MINUTE_MS)',
    to: 'nowMs + Math.random()',
  },
  {
    rule: 13,
    what: 'tasks are read before jobs',
    file: RECONCILE,
    from: `  const jobs = await ports.listActiveJobs(repository);
  const tasks = await ports.listTasks();`,
    to: `  const tasks = await ports.listTasks();
  const jobs = await ports.listActiveJobs(repository);`,
  },
  {
    rule: 13,
    what: 'tasks that could not be read are none',
    file: RECONCILE,
    from: 'await ports.listTasks();',
    to: 'await ports.listTasks().catch(() => []);',
  },
  {
    rule: 13,
    what: 'a failed read drops the doubt',
    file: RECONCILE,
    from: `    await ports.doubt(doubt);
    return { plan: undefined`,
    to: '    return { plan: undefined',
  },
  {
    rule: 14,
    what: 'marks and jobs in progress are not looked at',
    file: PLAN,
    from: 'if (!isLive || task.markedJobId !== undefined || isTaken) return false;',
    to: 'if (!isLive || (isTaken && false)) return false;',
  },
  {
    rule: 14,
    what: 'a task that runs is supply for ever',
    file: PLAN,
    from: 'timeouts.idleSeconds * SECOND_MS + IDLE_SLACK_MS',
    to: 'timeouts.idleSeconds * 1e9 + IDLE_SLACK_MS',
  },
  {
    rule: 14,
    what: 'a task that boots is supply for ever',
    file: PLAN,
    from: 'SUPPLY_BOOT_MS = 10 * MINUTE_MS',
    to: 'SUPPLY_BOOT_MS = 1e6 * MINUTE_MS',
  },
  {
    rule: 14,
    what: 'only tasks that run are supply',
    file: PLAN,
    from: ': nowMs - task.createdAtMs <= SUPPLY_BOOT_MS;',
    to: ': false;',
  },
  {
    rule: 14,
    what: 'a task that is told to stop is supply',
    file: PLAN,
    from: `task.lastStatus !== 'STOPPED' && task.desiredStatus !== 'STOPPED'`,
    to: `task.lastStatus !== 'STOPPED'`,
  },
  {
    rule: 15,
    what: 'the own task does not come first',
    file: 'core/match.ts',
    from: 'supply.launchedForJobId === demand.jobId && canTake(supply, demand)',
    to: 'supply.launchedForJobId === -demand.jobId && canTake(supply, demand)',
  },
  {
    rule: 15,
    what: 'labels are not looked at',
    file: 'core/match.ts',
    from: 'demand.labels.every((label) => supply.labels.includes(label));',
    to: 'demand.labels.length > 0 && supply.labels.length > 0;',
  },
  {
    rule: 16,
    what: 'young jobs are launched',
    file: PLAN,
    from: 'YOUNGEST_MS = 60 * SECOND_MS',
    to: 'YOUNGEST_MS = -60 * SECOND_MS',
  },
  {
    rule: 16,
    what: 'no pause between launches of a job',
    file: PLAN,
    from: 'Math.min(2 ** earlierLaunches, LONGEST_PAUSE_MINUTES) * MINUTE_MS',
    to: 'Math.min(2 ** earlierLaunches, LONGEST_PAUSE_MINUTES) * 0',
  },
  {
    rule: 6,
    what: 'the fallback has the name of the launch that was refused',
    file: LAUNCH,
    from: 'launchOnce(onDemand, name(true), ports, signal)',
    to: 'launchOnce(onDemand, name(false), ports, signal)',
  },
  {
    rule: 17,
    what: 'jobs that wait raise no new doubt',
    file: RECONCILE,
    from: '  if (doubtedAgain) await ports.doubt(doubt);',
    to: '',
  },
  {
    rule: 18,
    what: 'a task that stopped raises no doubt',
    file: 'task-stopped/settle.ts',
    from: 'repository && (() => ports.doubt({ repository }))',
    to: 'repository && (() => Promise.resolve())',
  },
  {
    rule: 18,
    what: 'a task that stopped keeps its registration',
    file: 'task-stopped/settle.ts',
    from: 'ports.removeRunner(registration.account, registration.scope, registration.runnerId)',
    to: 'Promise.resolve(void registration.runnerId)',
  },
  {
    rule: 18,
    what: 'an idle end counts as a normal one',
    file: 'core/exit-codes.ts',
    from: `return ending === 'ran-succeeded'`,
    to: `return ending === 'idle' || ending === 'ran-succeeded'`,
  },
  {
    rule: 19,
    what: 'no task is marked',
    file: MARK,
    from: '  if (task !== undefined) await ports.markTask(task.taskArn, event.jobId);',
    to: '',
  },
  {
    rule: 19,
    what: 'a swap raises no doubt',
    file: MARK,
    from: 'if (robbed !== undefined && doesSwapMatter(event, identity, task, policy))',
    to: 'if (robbed !== undefined && doesSwapMatter(event, identity, task, policy) && event.jobId < 0)',
  },
  {
    rule: 21,
    what: 'no doubts in rotation',
    file: SWEEP,
    from: '[...byId.values()], (repository) => ports.doubt',
    to: '[...byId.values()].slice(0, 0), (repository) => ports.doubt',
  },
  {
    rule: 21,
    what: 'only repositories with tasks are doubted',
    file: SWEEP,
    from: 'const all = isAllDue ?',
    to: 'const all = isAllDue && policy.labelPrefix === "" ?',
  },
  {
    rule: 22,
    what: 'no orphan is removed',
    file: PLAN_SWEEP,
    from: 'if (nowMs - firstSeenAtMs >= timeouts.orphanGraceSeconds * 1000)',
    to: 'if (nowMs - firstSeenAtMs >= timeouts.orphanGraceSeconds * 1e12)',
  },
  {
    rule: 22,
    what: 'an orphan is removed at the first look',
    file: PLAN_SWEEP,
    from: 'if (nowMs - firstSeenAtMs >= timeouts.orphanGraceSeconds * 1000)',
    to: 'if (nowMs >= firstSeenAtMs)',
  },
  {
    rule: 22,
    what: 'a registration that looks offline is removed',
    file: PLAN_SWEEP,
    from: 'if (registration.online || isStopped === false) {',
    to: 'if (registration.online) {',
  },
  {
    rule: 22,
    what: 'stopped tasks keep their registrations',
    file: PLAN_SWEEP,
    from: 'remove: [...settle, ...orphans.remove]',
    to: 'remove: [...settle.slice(0, 0), ...orphans.remove]',
  },
  {
    rule: 22,
    what: 'nothing is redelivered',
    file: SWEEP,
    from: 'planRedelivery(deliveries ?? [], nowMs), (id)',
    to: 'planRedelivery((deliveries ?? []).slice(0, 0), nowMs), (id)',
  },
  {
    rule: 23,
    what: 'a task is stopped once it could be idle',
    file: PLAN_SWEEP,
    from: 'isOver(task.startedAtMs, timeouts.maximumAgeSeconds)',
    to: 'isOver(task.startedAtMs, timeouts.idleSeconds * 2)',
  },
  {
    rule: 23,
    what: 'a task that never runs is not stopped',
    file: PLAN_SWEEP,
    from: `const BOOTING = new Set(['PROVISIONING', 'PENDING', 'ACTIVATING']);`,
    to: 'const BOOTING = new Set<string>();',
  },
];

const ROOT = join(import.meta.dirname, '..');

/** A copy of what the simulation needs, with one rule broken in it. */
function copyBroken(directory: string, { file, from, to }: Mutant): void {
  for (const part of ['functions', 'test/simulation', 'local/world'])
    cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  mkdirSync(join(directory, 'scripts'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const path = join(directory, 'functions', file);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
  writeFileSync(path, parts.join(to));
}

interface Caught {
  readonly profile: string;
  readonly seed: number;
  readonly kind: string;
  readonly detail: string;
}

/** The first seed that notices, of the profile with the fewest faults that does. */
async function tryMutant(mutant: Mutant, seeds: number, jobs: number): Promise<Caught | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'oneshot-mutant-'));
  try {
    copyBroken(directory, mutant);
    const load = (name: string) => import(pathToFileURL(join(directory, 'test/simulation', name)).href);
    const play = (await load('simulate.ts')).simulate as typeof simulate;
    const profiles = (await load('profiles.ts')).PROFILES as readonly Profile[];
    for (const { name, faults, bounds } of profiles)
      for (let seed = 0; seed < (faults.size === 0 ? seeds / 10 : seeds); seed++) {
        const [first] = (await play({ seed, jobs, faults, bounds })).violations;
        if (first !== undefined) return { profile: name, seed, ...first };
      }
    return undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const { seeds, jobs, rule } = new Command('simulate-mutants')
  .description('Breaks one rule at a time and shows whether the simulation notices.')
  .option('--seeds <count>', 'seeds a profile, at most', '100')
  .option('--jobs <count>', 'jobs a seed', '50')
  .option('--rule <number>', 'only the mutants of this rule')
  .parse()
  .opts<{ seeds: string; jobs: string; rule?: string }>();

const tried = MUTANTS.filter((mutant) => rule === undefined || mutant.rule === Number(rule));
let noticed = 0;
for (const mutant of tried) {
  const caught = await tryMutant(mutant, Number(seeds), Number(jobs));
  if (caught) noticed += 1;
  const verdict = caught
    ? `noticed: ${caught.kind}, profile ${caught.profile}, seed ${caught.seed} (${caught.detail})`
    : 'NOT NOTICED';
  console.log(`rule ${String(mutant.rule).padStart(2)}  ${mutant.what.padEnd(52)} ${verdict}`);
}
console.log(`${noticed} of ${tried.length} noticed`);
