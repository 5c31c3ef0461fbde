import { existsSync, readFileSync } from 'node:fs';
import type { Terms } from '../functions/core/job/policy.ts';
import { widestTerms } from '../functions/core/job/rules.ts';
import { ConfigurationError } from '../functions/core/words/errors.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { NO_VALUE, type NoValue, type Truth, truth } from './derive.ts';

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
  readonly docker: DockerLimits;
}

/** Of jobs that need Docker, which have a provider of their own. */
interface DockerLimits {
  /** As those of other jobs. */
  readonly maximumCpuUnits: number;
  readonly maximumMemoryMiB: number;
  /** The largest instance that may be started for a task. */
  readonly maximumInstanceVcpu: number;
  readonly maximumInstanceMemoryMiB: number;
  /** Without those of arm64, where that is switched off. */
  readonly cpuManufacturers: readonly string[] | NoValue;
  readonly arm64: Truth;
  /** Who may have Docker. */
  readonly repositories: readonly string[];
}

/**
 * The limits of `runners.yml`, the widest of any rule, so that the role that may launch can launch nothing that the policy refuses, and
 * the supervisor keeps the times that the sweep counts with. Throws ConfigurationError.
 */
export function readRunnerLimits(path: string): RunnerLimits {
  const missing = 'is missing: it says who gets runners and how large they may be';
  if (!existsSync(path)) throw new ConfigurationError(path, [missing]);
  const policy = parseRunnersConfig(readFileSync(path, 'utf8'));
  const { timeouts } = policy;
  const { limits, docker } = widestTerms(policy);
  return {
    maximumCpuUnits: limits.vcpu * 1024,
    maximumMemoryMiB: limits.memoryGiB * 1024,
    idleSeconds: String(timeouts.idleSeconds),
    maximumAgeSeconds: String(timeouts.maximumAgeSeconds),
    arm64: truth(limits.arm64),
    functionArchitecture: limits.arm64 ? 'arm64' : 'x86_64',
    docker: dockerLimitsOf({ limits, docker }),
  };
}

/** An instance may be twice as large as a task: an instance type's memory is the next power of two, and not all of it is a task's. */
export function dockerLimitsOf({ limits: others, docker }: Pick<Terms, 'limits' | 'docker'>): DockerLimits {
  const { repositories, limits } = docker;
  const hasArm64 = limits.arm64 && others.arm64;
  return {
    maximumCpuUnits: limits.vcpu * 1024,
    maximumMemoryMiB: limits.memoryGiB * 1024,
    maximumInstanceVcpu: Math.ceil(limits.vcpu * 2),
    maximumInstanceMemoryMiB: Math.ceil(limits.memoryGiB * 2048),
    cpuManufacturers: hasArm64 ? NO_VALUE : ['intel', 'amd'],
    arm64: truth(hasArm64),
    repositories,
  };
}
