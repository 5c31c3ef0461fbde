import type { ProviderName } from './providers.ts';
import type { Architecture, ComputeSize } from './sizes.ts';

/** What `rules` of `runners.yml` set for some repositories, and its other keys for all the rest. */
export interface Terms {
  /** Where runners register. A user account has no organisation, so its runners register at the repository. */
  readonly scope: 'organization' | 'repository';
  /** Runner group at GitHub, by its id or its name; 1 is the default group and the only one a repository has. */
  readonly runnerGroup: number | string;
  readonly defaults: SizeRequest;
  /** Named sizes, `fargate/large`. Keys in lower case. */
  readonly sizes: Readonly<Record<string, Partial<SizeRequest>>>;
  readonly limits: {
    readonly vcpu: number;
    readonly memoryGiB: number;
    readonly storageGiB: number;
    readonly spot: boolean;
    /** False where the region has no arm64: nothing of it is deployed then. */
    readonly arm64: boolean;
  };
  /** Jobs with the label option `docker` (ADR 43). */
  readonly docker: {
    /** Patterns, lower case; a public repository by its full name only. Empty: nobody gets Docker. */
    readonly repositories: readonly string[];
    readonly limits: { readonly vcpu: number; readonly memoryGiB: number; readonly arm64: boolean };
  };
  /** Why jobs get no runner, in the operator's words; absent where they get one. */
  readonly refuse?: string;
}

/** One of `rules`: its terms are whole, with what it leaves out filled in from the other keys of the file. */
export interface Rule extends Terms {
  /** Patterns: `owner/name`, `owner/*` or `owner/prefix*`, lower case. */
  readonly repositories: readonly string[];
}

/** What may be asked for and on which terms: `runners.yml`, validated and with every default filled in. */
export interface Policy extends Terms {
  /** First segment of our labels: `fargate`. Lower case. */
  readonly labelPrefix: string;
  /** The first that has a repository gives its terms; none: those of the policy itself. */
  readonly rules: readonly Rule[];
  /** Labels of others, in lower case, and the label with our prefix that each means. */
  readonly aliases: Readonly<Record<string, string>>;
  /** How much may run at once; `undefined` where there is no limit. Over it a job waits in doubt, and is not lost. */
  readonly concurrency: {
    readonly runners: number | undefined;
    readonly runnersPerRepository: number | undefined;
    readonly vcpu: number | undefined;
    readonly vcpuPerRepository: number | undefined;
  };
  /** Rejection tasks that are started for each repository in an hour; 0 switches them off. */
  readonly rejections: { readonly maximumPerHour: number };
  readonly allow: {
    /** `owner/name` or `owner/*`, lower case. Empty: nothing is served. */
    readonly repositories: readonly string[];
    /** Public repositories, each named in full: anyone can open a pull request there. Lower case. */
    readonly publicRepositories: readonly string[];
  };
  /** Jobs on Spot that AWS interrupts (rule 26). */
  readonly spot: {
    /** Whether a run that lost a job so is started again. */
    readonly rerun: 'never' | 'once';
    /** `on-demand-after-interruption`: later attempts of a run do not run on Spot. */
    readonly fallback: 'without-capacity' | 'on-demand-after-interruption';
    /** Environments, in lower case, whose deployments may be run again. */
    readonly environments: readonly string[];
  };
  readonly timeouts: {
    readonly idleSeconds: number;
    readonly bootSeconds: number;
    readonly maximumAgeSeconds: number;
    readonly orphanGraceSeconds: number;
  };
}

/** What a label asks for, before it is rounded up to a size that Fargate has. */
export interface SizeRequest {
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly storageGiB: number;
  readonly arch: Architecture;
  readonly spot: boolean;
  /** A Docker daemon beside the runner, on an instance of its own. */
  readonly docker: boolean;
}

/** A task's size as it is launched. */
export interface TaskSize extends ComputeSize {
  /** Ephemeral storage, GiB. 20 is Fargate's own default and is not sent; Docker's disk is the instance's. */
  readonly storageGiB: number;
  readonly arch: Architecture;
  readonly provider: ProviderName;
}
