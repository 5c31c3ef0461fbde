import { existsSync, readFileSync } from 'node:fs';
import { ConfigurationError } from '../functions/core/words/errors.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { type Truth, truth } from './derive.ts';

/** What the deployment takes from runners.yml. */
export interface RunnerLimits {
  /** The largest launch in the units of IAM's `ecs:task-cpu`, of which 1024 are one vCPU, and `ecs:task-memory`. */
  readonly maximumCpuUnits: number;
  readonly maximumMemoryMiB: number;
  /** For the environment of a task, where values are text. */
  readonly idleSeconds: string;
  readonly maximumAgeSeconds: string;
  /** For a condition of the templates. */
  readonly arm64: Truth;
  /** Of the functions, which are as cheap on arm64 as tasks are. */
  readonly functionArchitecture: 'arm64' | 'x86_64';
}

/**
 * The limits of `runners.yml`, so that the role that may launch can launch nothing that the policy refuses, and
 * the supervisor keeps the times that the sweep counts with. Throws ConfigurationError.
 */
export function readRunnerLimits(path: string): RunnerLimits {
  const missing = 'is missing: it says who gets runners and how large they may be';
  if (!existsSync(path)) throw new ConfigurationError(path, [missing]);
  const { limits, timeouts } = parseRunnersConfig(readFileSync(path, 'utf8'));
  return {
    maximumCpuUnits: limits.vcpu * 1024,
    maximumMemoryMiB: limits.memoryGiB * 1024,
    idleSeconds: String(timeouts.idleSeconds),
    maximumAgeSeconds: String(timeouts.maximumAgeSeconds),
    arm64: truth(limits.arm64),
    functionArchitecture: limits.arm64 ? 'arm64' : 'x86_64',
  };
}
