import { parseRunnersConfig } from '../../functions/runners-config.ts';
import { seededRandom } from '../../local/world/random.ts';
import { Clock } from './clock.ts';
import { drawRates, FAULT_NAMES, type Fault, type Rates } from './faults.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const PREFIX = 'oneshot-sim';
export const START_MS = Date.UTC(2026, 0, 5);
/** No fault begins later: the longest of them (70 minutes without capacity, 83 minutes late) has passed by then. */
export const FAULTS_LAST_MS = 140 * MINUTE;

export type Violation =
  | 'lost'
  | 'live twice'
  | 'started twice'
  | 'busy stopped'
  | 'removed under a task'
  | 'left over'
  | 'surplus'
  | 'slow'
  | 'reads';

export interface Bounds {
  /** From queued to started, minutes. */
  readonly longestWait?: number;
  /** Tasks beyond the jobs that started: so many for each fault, 0 for none at all. */
  readonly surplusPerFault?: number;
  readonly readsPerJob?: number;
}

/** How jobs come in, where that is not the usual way (workload.ts). */
export interface Workload {
  /** All jobs at once, in one repository, in runs of so many. */
  readonly runSize?: number;
  /** So long GitHub takes to send the deliveries of one moment. */
  readonly spreadMs?: number;
  readonly labels?: ReadonlyArray<readonly string[]>;
  readonly longestJobMs?: number;
}

export interface Options {
  readonly seed: number;
  readonly jobs: number;
  readonly faults: ReadonlySet<Fault>;
  /** Rates that are not drawn from the seed. */
  readonly rates?: Partial<Rates>;
  readonly workload?: Workload;
  /** What these faults must not cost, beside what no fault may. */
  readonly bounds?: Bounds;
  /** The event log is kept only where somebody reads it. */
  readonly keepsStory?: boolean;
}

export const ALL_FAULTS: ReadonlySet<Fault> = new Set(FAULT_NAMES);
export const NO_FAULTS: ReadonlySet<Fault> = new Set();

const policyOf = (scope: string) =>
  parseRunnersConfig(
    `{ allow: { repositories: [acme/web, acme/api, acme/tool] }, scope: ${scope}, sizes: { large: { cpu: 4, memory: 16 } } }`,
  );
const POLICIES = { organization: policyOf('organization'), repository: policyOf('repository') };

type Service = 'github' | 'ecs' | 'sqs';

/** What all models of one run share: the clock, the dice, the faults, the story and what was counted. */
export class World {
  readonly random: () => number;
  readonly clock: Clock;
  readonly rates: Rates;
  readonly policy;
  readonly story: string[] = [];
  readonly violations: { readonly kind: Violation; readonly detail: string }[] = [];
  readonly injected = new Map<Fault, number>();
  readonly counts = {
    tasks: 0,
    jobReads: 0,
    otherReads: 0,
    calls: 0,
    refused: 0,
    reconciles: 0,
    launchCalls: 0,
    deadLetters: 0,
  };
  readonly launchesAtMs: number[] = [];
  readsUntilLaunched = 0;
  readonly #periods = new Map<string, readonly [fromMs: number, toMs: number]>();
  readonly #keepsStory: boolean;

  constructor({ seed, faults, rates = {}, keepsStory = false }: Options) {
    this.random = seededRandom(Math.imul(seed + 1, 0x9e3779b1));
    this.clock = new Clock(START_MS, this.random);
    this.rates = drawRates(this.random, faults, rates);
    this.policy = this.random() < 0.7 ? POLICIES.organization : POLICIES.repository;
    this.#keepsStory = keepsStory;
    this.#period('noSpot', 25);
    this.#period('noCapacity25', 25);
    this.#period('noCapacity70', 70);
    this.#period('sweepDown', 70);
    this.#period('primaryLimit', 20);
    for (const fault of ['githubDown', 'ecsDown', 'queueDown'] as const) this.#period(fault, 10);
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** Whether a fault strikes here. Counted, as faults are what explains a surplus. */
  strikes(fault: Fault): boolean {
    const rate = this.rates[fault];
    if (rate === 0 || this.nowMs - START_MS > FAULTS_LAST_MS || this.random() >= rate) return false;
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
    return true;
  }

  /** How far behind a listing is. */
  lag(fault: 'githubLag' | 'ecsLag', mostMs: number): number {
    if (this.rates[fault] === 0 || this.nowMs - START_MS > FAULTS_LAST_MS) return 0;
    return this.random() < this.rates[fault] ? this.random() * mostMs : 0;
  }

  isDuring(fault: Fault): boolean {
    const period = this.#periods.get(fault);
    return period !== undefined && this.nowMs >= period[0] && this.nowMs < period[1];
  }

  endOf(fault: Fault): number {
    return this.#periods.get(fault)?.[1] ?? this.nowMs;
  }

  isDown(service: Service): boolean {
    return this.isDuring(service === 'github' ? 'githubDown' : service === 'ecs' ? 'ecsDown' : 'queueDown');
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }

  /** `what` is a function, so that a story which nobody reads costs nothing. */
  tell(what: () => string): void {
    if (this.#keepsStory)
      this.story.push(`${((this.nowMs - START_MS) / 1000).toFixed(1).padStart(8)} s  ${what()}`);
  }

  violate(kind: Violation, detail: string): void {
    this.violations.push({ kind, detail });
    this.tell(() => `VIOLATION ${kind}: ${detail}`);
  }

  #period(fault: Fault, minutes: number): void {
    if (this.rates[fault] === 0 || this.random() >= this.rates[fault]) return;
    const fromMs = START_MS + this.random() * 60 * MINUTE;
    this.#periods.set(fault, [fromMs, fromMs + minutes * MINUTE]);
    this.injected.set(fault, 1);
    const minute = Math.round((fromMs - START_MS) / MINUTE);
    this.tell(() => `(${fault} from minute ${minute} for ${minutes})`);
  }
}
