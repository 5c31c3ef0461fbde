/** A capacity provider of ECS: what is told apart by where a task runs (ADR 9). */
interface Provider {
  /** Its name at ECS. */
  readonly name: string;
  /** What its compute costs, as a share of the on-demand price: an estimate. */
  readonly priceShare: number;
  /** Its tasks may be taken back while a job runs: only where `spot` is asked for and allowed. */
  readonly isInterruptible: boolean;
  /** Where a task is started when it has no capacity (rule 6). */
  readonly fallback: ProviderName | undefined;
  /** What people read beside a size; `undefined` for the one that goes without saying. */
  readonly title: string | undefined;
}

export type ProviderName = 'fargate' | 'fargate-spot';

/** One row a provider. */
export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  fargate: {
    name: 'FARGATE',
    priceShare: 1,
    isInterruptible: false,
    fallback: undefined,
    title: undefined,
  },
  'fargate-spot': {
    name: 'FARGATE_SPOT',
    // "Up to 70 % discount" (aws.amazon.com/fargate/pricing).
    priceShare: 0.3,
    isInterruptible: true,
    fallback: 'fargate',
    title: 'Spot',
  },
};

const NAMES = Object.keys(PROVIDERS) as ProviderName[];

/** The provider that a label option or a default of `runners.yml` comes to. */
export const providerFor = ({ spot }: { readonly spot: boolean }): ProviderName =>
  spot ? 'fargate-spot' : 'fargate';

/** The provider by its name at ECS; on demand for one that is not known. */
export const providerNamed = (name: string | undefined): ProviderName =>
  NAMES.find((one) => PROVIDERS[one].name === name) ?? 'fargate';

/** `, Spot` after a size. */
export const titleAfter = (provider: ProviderName): string =>
  PROVIDERS[provider].title === undefined ? '' : `, ${PROVIDERS[provider].title}`;
