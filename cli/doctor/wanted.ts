import type { Policy } from '../../functions/core/job/policy.ts';
import { list } from '../../infra/derive.ts';
import type { RawParameters } from '../../infra/parameters.ts';
import type { Wanted } from './before-facts.ts';

/** What a deployment with these parameters and this policy needs room for. Pure. */
export function wantedBy(parameters: RawParameters, { limits }: Policy): Wanted {
  const { network, natGateways, zones, imagePipeline } = parameters;
  const gateways = natGateways === 'per-zone' ? list(zones).length || 2 : 1;
  return {
    network,
    vpcs: network === 'existing' ? 0 : 1,
    addresses: network === 'private' ? gateways : 0,
    hasPipeline: imagePipeline === 'enabled',
    usesSpot: limits.spot,
    largestVcpu: limits.vcpu,
  };
}
