import type { Policy } from '../functions/core/job/policy.ts';
import { fullName } from '../functions/core/job/repository.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { between, pick, seededRandom } from '../model/dice.ts';
import { Clock } from './clock.ts';
import { drawRates, FAULT_NAMES, type Fault, type Rates } from './faults.ts';
import { NEIGHBOURS, type Neighbour, neighboursOf } from './github/neighbours.ts';
import type { Repository } from './github/types.ts';
import {
  ASSIGNMENT_POLICIES,
  type AssignmentPolicy,
  type Options,
  type Violation,
  type Workload,
} from './options.ts';
import { RULED } from './rules.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const PREFIX = 'oneshot-sim';
export const START_MS = Date.UTC(2026, 0, 5);
/** No fault begins later: the longest of them (70 minutes without capacity, 83 minutes late) has passed by then. */
export const FAULTS_LAST_MS = 140 * MINUTE;

export const ALL_FAULTS: ReadonlySet<Fault> = new Set(FAULT_NAMES);
export const NO_FAULTS: ReadonlySet<Fault> = new Set();

const policyOf = (scope: string) =>
  parseRunnersConfig(
    `{ allow: { repositories: [acme/web, acme/api, acme/tool, beta/app] }, scope: ${scope}, aliases: { dependabot: fargate/large }, docker: { repositories: [acme/*, beta/*] }, sizes: { large: { cpu: 4, memory: 16 } } }`,
  );
const BY_RULES = parseRunnersConfig(RULED);
const POLICIES = { organization: policyOf('organization'), repository: policyOf('repository') };

/** Faults that last, and for how many minutes. */
const PERIODS: Partial<Record<Fault, number>> = {
  'ecs-no-spot': 25,
  'ecs-no-capacity-25-minutes': 25,
  'ecs-no-capacity-70-minutes': 70,
  'ecs-no-large': 70,
  'sweep-down': 70,
  'github-primary-limit': 20,
  'github-down': 10,
  'ecs-down': 10,
  'queue-down': 10,
  'webhooks-down': 20,
  'repository-away': 20,
};

/** The highest number of neighbours in a seed that has neighbours; the number itself is drawn. */
const MOST_NEIGHBOURS = 4;
/** The one that is away for a while. */
const AWAY_ID = 2;

const DOWN: Readonly<Record<string, Fault>> = { github: 'github-down', ecs: 'ecs-down', sqs: 'queue-down' };

/** What all models of one run share: the clock, the dice, the faults, the story and what was counted. */
export class World {
  readonly random: () => number;
  readonly clock: Clock;
  readonly rates: Rates;
  readonly policy: Policy;
  readonly workload: Workload;
  readonly neighbours: readonly Neighbour[];
  readonly assigns: AssignmentPolicy;
  readonly story: string[] = [];
  readonly violations: { readonly kind: Violation; readonly detail: string }[] = [];
  readonly injected = new Map<Fault, number>();
  readonly counts = {
    tasks: 0,
    jobReads: 0,
    otherReads: 0,
    calls: 0,
    refused: 0,
    refusedByGitHub: 0,
    jitConfigs: 0,
    reconciles: 0,
    launchCalls: 0,
    deliveries: 0,
    deadLetters: 0,
  };
  readonly launchesAtMs: number[] = [];
  /** The most tasks that were alive at once. */
  mostAtOnce = 0;
  readsUntilLaunched = 0;
  #strikesLeft: number;
  readonly #periods = new Map<string, readonly [fromMs: number, toMs: number]>();
  readonly #keepsStory: boolean;

  constructor({ seed, faults, rates = {}, lasting = NO_FAULTS, mostStrikes = Infinity, ...rest }: Options) {
    this.random = seededRandom(Math.imul(seed + 1, 0x9e3779b1));
    this.clock = new Clock(START_MS, this.random);
    // A stream of its own: one fault more leaves all else of a seed as it is.
    this.rates = drawRates(seededRandom(Math.imul(seed + 1, 0x85ebca6b)), faults, rates);
    this.workload = rest.workload ?? {};
    const drawn = this.random() < 0.7 ? POLICIES.organization : POLICIES.repository;
    const policy = this.workload.isRuled ? BY_RULES : drawn;
    const assigns = this.pick(ASSIGNMENT_POLICIES);
    this.assigns = this.workload.assigns ?? assigns;
    this.neighbours = this.#drawNeighbours();
    const names = this.neighbours.map(fullName);
    this.policy = {
      ...policy,
      concurrency: { ...policy.concurrency, ...rest.concurrency },
      spot: rest.spot ?? policy.spot,
      allow: { ...policy.allow, repositories: [...policy.allow.repositories, ...names] },
    };
    this.#keepsStory = rest.keepsStory ?? false;
    this.#strikesLeft = mostStrikes;
    for (const [fault, minutes] of Object.entries(PERIODS) as [Fault, number][])
      if (lasting.has(fault)) this.#setPeriod(fault, START_MS, FAULTS_LAST_MS / MINUTE);
      else if (this.rates[fault] > 0 && this.random() < this.rates[fault])
        this.#setPeriod(fault, START_MS + this.random() * 60 * MINUTE, minutes);
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** Whether a fault strikes here, which one of the embedded world's does not. Counted, as faults are what explains a surplus. */
  strikes(fault: Fault): boolean {
    const rate = this.rates[fault];
    if (!rate || this.#strikesLeft === 0 || this.nowMs - START_MS > FAULTS_LAST_MS) return false;
    if (this.random() >= rate) return false;
    this.#strikesLeft -= 1;
    this.noteStrike(fault);
    return true;
  }

  noteStrike(fault: Fault): void {
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
  }

  /** How far behind a listing is. */
  lag(fault: 'github-lag' | 'ecs-lag', mostMs: number): number {
    if (this.rates[fault] === 0 || this.nowMs - START_MS > FAULTS_LAST_MS) return 0;
    return this.random() < this.rates[fault] ? this.random() * mostMs : 0;
  }

  isDuring(fault: Fault): boolean {
    const period = this.#periods.get(fault);
    return period !== undefined && this.nowMs >= period[0] && this.nowMs < period[1];
  }

  /** Taken out of the installation, suspended or deleted for a while: its reads are answered 404, and it sends nothing. */
  isAway({ id }: Pick<Repository, 'id'>): boolean {
    return id === AWAY_ID && this.isDuring('repository-away');
  }

  endOf(fault: Fault): number {
    return this.#periods.get(fault)?.[1] ?? this.nowMs;
  }

  isDown(service: string): boolean {
    const fault = DOWN[service];
    return fault !== undefined && this.isDuring(fault);
  }

  countTask(): void {
    this.counts.tasks += 1;
    this.launchesAtMs.push(this.nowMs);
    this.readsUntilLaunched = this.counts.jobReads + this.counts.otherReads;
  }

  between(least: number, most: number): number {
    return between(this.random, least, most);
  }

  pick<Item>(items: readonly Item[]): Item {
    return pick(this.random, items);
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

  /** Those of the workload, and a few of each kind that a fault asks for. */
  #drawNeighbours(): readonly Neighbour[] {
    const draw = (kind: (typeof NEIGHBOURS)[number]) => {
      const rate = kind === 'idle' ? 0 : this.rates[`${kind}-neighbours`];
      if (rate === 0 || this.random() >= rate) return 0;
      if (kind !== 'idle') this.noteStrike(`${kind}-neighbours`);
      return 1 + Math.floor(this.random() * MOST_NEIGHBOURS);
    };
    return neighboursOf(
      NEIGHBOURS.map((kind) => [kind, this.workload.neighbours?.[kind] ?? draw(kind)] as const),
    );
  }

  #setPeriod(fault: Fault, fromMs: number, minutes: number): void {
    this.#periods.set(fault, [fromMs, fromMs + minutes * MINUTE]);
    this.noteStrike(fault);
    const minute = Math.round((fromMs - START_MS) / MINUTE);
    this.tell(() => `(${fault} from minute ${minute} for ${minutes})`);
  }
}
