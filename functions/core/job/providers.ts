/** A capacity provider of ECS: what is told apart by where a task runs (ADR 9). */
interface Provider {
  /** Its name at ECS; `undefined` for one that a deployment makes for itself (`providerNameIn`). */
  readonly name: string | undefined;
  /** Platform version, ephemeral storage and public addresses exist on Fargate only. */
  readonly isFargate: boolean;
  /** What its compute costs, as a share of the on-demand price: an estimate. */
  readonly priceShare: number;
  /** Its tasks may be taken back while a job runs: only where `spot` is asked for and allowed. */
  readonly isInterruptible: boolean;
  /** Where a task is started when it has no capacity (rule 6). */
  readonly fallback: ProviderName | undefined;
  /** What people read beside a size; `undefined` for the one that goes without saying. */
  readonly title: string | undefined;
  /** How long a task that is not RUNNING yet counts as supply (rule 14). */
  readonly supplyBootMs: number;
  /** The boot limit is never below this, whatever `timeouts.bootSeconds` says (rule 23). */
  readonly leastBootSeconds: number;
}

export type ProviderName = 'fargate' | 'fargate-spot' | 'docker';

const MINUTE_MS = 60_000;

const FARGATE = {
  isFargate: true,
  supplyBootMs: 10 * MINUTE_MS,
  leastBootSeconds: 0,
};

/** One row a provider. */
export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  fargate: {
    ...FARGATE,
    name: 'FARGATE',
    priceShare: 1,
    isInterruptible: false,
    fallback: undefined,
    title: undefined,
  },
  'fargate-spot': {
    ...FARGATE,
    name: 'FARGATE_SPOT',
    // "Up to 70 %" less; some days and regions less than that (AWS-81).
    priceShare: 0.3,
    isInterruptible: true,
    fallback: 'fargate',
    title: 'Spot',
  },
  // ECS Managed Instances, for jobs that need a Docker daemon (ADR 43).
  docker: {
    name: undefined,
    isFargate: false,
    priceShare: 1,
    isInterruptible: false,
    fallback: undefined,
    title: 'Docker',
    // RunTask never says that there is no capacity: the task waits, and ECS tries again about every five minutes (AWS-91).
    supplyBootMs: 20 * MINUTE_MS,
    leastBootSeconds: 3600,
  },
};

const NAMES = Object.keys(PROVIDERS) as ProviderName[];

/** The providers that a cluster lists; one that a deployment makes for itself belongs to the cluster without that (AWS-67). */
export const CLUSTER_PROVIDERS: readonly string[] = NAMES.flatMap((one) => PROVIDERS[one].name ?? []);

/** The provider's name at ECS, in the deployment with this stack name: `oneshot-prod-docker`, as infra/docker.yml has it. */
export const providerNameIn = (stack: string, provider: ProviderName): string =>
  PROVIDERS[provider].name ?? `${stack}-${provider}`;

/** The provider that a label option or a default of `runners.yml` comes to. */
export const providerFor = ({
  spot,
  docker,
}: {
  readonly spot: boolean;
  readonly docker: boolean;
}): ProviderName => (docker ? 'docker' : spot ? 'fargate-spot' : 'fargate');

/** The provider by its name at ECS; on demand for one that is not known. */
export const providerNamed = (name: string | undefined): ProviderName =>
  NAMES.find((one) => name !== undefined && PROVIDERS[one].name === name) ?? 'fargate';

/** `, Spot` after a size. */
export const titleAfter = (provider: ProviderName): string =>
  PROVIDERS[provider].title === undefined ? '' : `, ${PROVIDERS[provider].title}`;
