import type { Policy } from '../../functions/core/job/policy.ts';
import { widestTerms } from '../../functions/core/job/rules.ts';
import { list } from '../../infra/derive.ts';
import type { RawParameters } from '../../infra/parameters.ts';
import { dockerLimitsOf } from '../../infra/runners.ts';
import { type Account, linkOf, type Reading } from './link.ts';

/** What the deployment needs room for, by its parameters and `runners.yml`. */
export interface Wanted {
  /** `private`, `public` or `existing`. */
  readonly network: string;
  readonly vpcs: number;
  readonly addresses: number;
  readonly hasPipeline: boolean;
  readonly usesSpot: boolean;
  /** Of the largest task that may be asked for. */
  readonly largestVcpu: number;
  /** Of the largest instance for a job with Docker; 0 where there is none. */
  readonly dockerVcpu: number;
}

/** What a deployment with these parameters and this policy needs room for. Pure. */
export function wantedBy(parameters: RawParameters, policy: Policy): Wanted {
  const terms = widestTerms(policy);
  const { network, natGateways, zones, imagePipeline } = parameters;
  const gateways = natGateways === 'per-zone' ? list(zones).length || 2 : 1;
  return {
    network,
    vpcs: network === 'existing' ? 0 : 1,
    addresses: network === 'private' ? gateways : 0,
    hasPipeline: imagePipeline === 'enabled',
    usesSpot: terms.limits.spot,
    largestVcpu: terms.limits.vcpu,
    dockerVcpu: parameters.docker === 'enabled' ? dockerLimitsOf(terms).maximumInstanceVcpu : 0,
  };
}

/** What a look before a deployment is given. */
export const WANTED: Reading<Wanted, { readonly wanted: Wanted }> = async ({ wanted }) => wanted;

/** A link of an account that is to be deployed to. */
export const beforeLink = linkOf<Account & { readonly wanted: Wanted }>();
