import type { Case } from '../play.ts';
import { CANCELLATIONS } from './cancellations.ts';
import { DOCKER } from './docker.ts';
import { IDLENESS } from './idleness.ts';
import { JOBS } from './jobs.ts';
import { NETWORK } from './network.ts';
import { SIGNALS } from './signals.ts';

/** What takes a runner less than three minutes. */
export const CASES: readonly Case[] = [
  ...JOBS,
  ...CANCELLATIONS,
  ...DOCKER,
  ...IDLENESS,
  ...SIGNALS,
  ...NETWORK,
];
