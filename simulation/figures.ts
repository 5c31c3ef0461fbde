import { VIOLATIONS, type Violation } from './options.ts';
import type { Result } from './simulate.ts';

/** A job that waited longer than this was not served by its webhook's launch alone: it was repaired. */
const REPAIRED_AFTER_MS = 120_000;

/** What many seeds come to. Waits are kept as a histogram of seconds, so that 100,000 seeds fit. */
export class Figures {
  seeds = 0;
  jobs = 0;
  started = 0;
  tasks = 0;
  surplus = 0;
  faults = 0;
  jobReads = 0;
  otherReads = 0;
  reconciles = 0;
  deadLetters = 0;
  longestLeftoverMs = 0;
  readonly violations: Partial<Record<Violation, number>> = {};
  readonly failedSeeds: number[] = [];
  /** Seconds waited, to how many jobs. */
  readonly waits = new Map<number, number>();

  add(result: Result): void {
    this.seeds += 1;
    this.jobs += result.jobs;
    this.started += result.waitsMs.length;
    this.tasks += result.counts.tasks;
    this.surplus += Math.max(0, result.surplus);
    for (const strikes of result.injected.values()) this.faults += strikes;
    this.jobReads += result.counts.jobReads;
    this.otherReads += result.counts.otherReads;
    this.reconciles += result.counts.reconciles;
    this.deadLetters += result.counts.deadLetters;
    this.longestLeftoverMs = Math.max(this.longestLeftoverMs, result.longestLeftoverMs);
    for (const { kind } of result.violations) this.violations[kind] = (this.violations[kind] ?? 0) + 1;
    if (result.violations.length > 0) this.failedSeeds.push(result.options.seed);
    for (const waitMs of result.waitsMs) this.#addWait(Math.round(waitMs / 1000), 1);
  }

  /** Adds what another thread has counted; it comes as a plain object. */
  merge(other: Figures): void {
    for (const key of COUNTERS) this[key] += other[key];
    this.longestLeftoverMs = Math.max(this.longestLeftoverMs, other.longestLeftoverMs);
    for (const [kind, count] of Object.entries(other.violations) as [Violation, number][])
      this.violations[kind] = (this.violations[kind] ?? 0) + count;
    this.failedSeeds.push(...other.failedSeeds);
    for (const [seconds, count] of other.waits) this.#addWait(seconds, count);
  }

  /** The wait that so large a share of the jobs stays under, in seconds; of repaired jobs only, or of all. */
  wait(share: number, isRepairedOnly: boolean): number {
    const least = isRepairedOnly ? REPAIRED_AFTER_MS / 1000 : 0;
    const sorted = [...this.waits].filter(([seconds]) => seconds > least).toSorted(([a], [b]) => a - b);
    let left = share * sorted.reduce((sum, [, count]) => sum + count, 0);
    for (const [seconds, count] of sorted) {
      left -= count;
      if (left <= 0) return seconds;
    }
    return sorted.at(-1)?.[0] ?? 0;
  }

  lines(): string[] {
    const perJob = (value: number) => (value / Math.max(1, this.jobs)).toFixed(2);
    const wait = (share: number, isRepairedOnly: boolean) => `${this.wait(share, isRepairedOnly)} s`;
    return [
      `${this.seeds} seeds, ${this.jobs} jobs, ${this.started} started, ${this.faults} faults`,
      `violations: ${VIOLATIONS.map((kind) => `${kind} ${this.violations[kind] ?? 0}`).join(', ')}`,
      `surplus launches: ${this.surplus} (${perJob(this.surplus)} a job)`,
      `GitHub reads a job: ${perJob(this.jobReads)} by reconcile, ${perJob(this.otherReads)} by sweep`,
      `wait of all jobs: p50 ${wait(0.5, false)}, p99 ${wait(0.99, false)}, longest ${wait(1, false)}`,
      `repair latency (jobs that waited over ${REPAIRED_AFTER_MS / 1000} s): p50 ${wait(0.5, true)}, p99 ${wait(0.99, true)}`,
      `longest time of a registration without a task: ${Math.round(this.longestLeftoverMs / 60_000)} minutes`,
      `${this.reconciles} reconciles, ${this.deadLetters} dead letters`,
    ];
  }

  #addWait(seconds: number, count: number): void {
    this.waits.set(seconds, (this.waits.get(seconds) ?? 0) + count);
  }
}

const COUNTERS = [
  'seeds',
  'jobs',
  'started',
  'tasks',
  'surplus',
  'faults',
  'jobReads',
  'otherReads',
  'reconciles',
  'deadLetters',
] as const;
