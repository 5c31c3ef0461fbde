import type { Policy } from '../core/job/policy.ts';
import type { SweepMemory } from '../core/plan/sweep-memory.ts';
import type { SweepPorts } from '../core/ports.ts';
import { createStep, type Gather, type Step } from './attempt.ts';

/** One scheduled pass: what each of its steps works with. */
export interface Pass {
  readonly ports: SweepPorts;
  /** Changed as things are done, so that a pass that is cut short forgets nothing. */
  readonly memory: SweepMemory;
  readonly policy: Policy;
  readonly nowMs: number;
  /** Aborted when the function's time is nearly up. */
  readonly signal: AbortSignal;
  readonly gather: Gather;
}

const SECOND_MS = 1_000;
/** What each step may take at most. A pass in which several take that long ends early, and the next continues. */
const LONGEST_MS = {
  tasks: 15 * SECOND_MS,
  doubts: 10 * SECOND_MS,
  stops: 10 * SECOND_MS,
  removals: 10 * SECOND_MS,
  repositories: 10 * SECOND_MS,
  polls: 10 * SECOND_MS,
  redeliveries: 10 * SECOND_MS,
  registrations: 20 * SECOND_MS,
  version: 5 * SECOND_MS,
} as const;

/** A step of a pass, which ends in its own time and with the pass. */
export const stepOf = ({ ports, signal, gather }: Pass, name: keyof typeof LONGEST_MS): Step =>
  createStep(ports.endWithin(LONGEST_MS[name], signal), gather);
