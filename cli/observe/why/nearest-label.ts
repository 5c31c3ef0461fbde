import { readLabels } from '../../../functions/core/job/labels.ts';
import type { Policy } from '../../../functions/core/job/policy.ts';

/** The label here that comes nearest to what a job of other runners asks for: `fargate/cpu=4` for `ubuntu-latest-4-cores`. */
export function nearestLabel(labels: readonly string[], policy: Policy): string {
  const all = labels.join(' ').toLowerCase();
  const named = Object.keys(policy.sizes).find((name) => all.split(/[\s/_-]/).includes(name));
  const [, cores] = /\b(\d{1,2})[-_ ]?(?:vcpu|cpu|core)/.exec(all) ?? [];
  const size = cores === undefined ? named : `cpu=${cores}`;
  const isSized = size === named && policy.sizes[named ?? '']?.arch !== undefined;
  const isArm = !isSized && policy.limits.arm64 && /\barm(?:64)?\b|\baarch64\b/.test(all);
  const asked = [policy.labelPrefix, size, ...(isArm ? ['arch=arm64'] : [])].filter(
    (part) => part !== undefined,
  );
  const label = asked.join('/');
  return readLabels([label], policy).kind === 'ours' ? label : policy.labelPrefix;
}
