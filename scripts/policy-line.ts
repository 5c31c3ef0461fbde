import type { Policy } from '../functions/core/job/policy.ts';

/**
 * The first line of a function's bundle: the policy, under the name that functions/bundled-policy.ts declares. A line of
 * its own, so that it can be put into a bundle that is built already and source maps stay true. The directive is here as
 * it must come before any statement.
 */
export const policyLine = (policy: Policy | null): string =>
  `"use strict";const BUNDLED_POLICY=${JSON.stringify(policy)};`;

/** Puts the policy into a bundle that was built without one. */
export function putPolicy(bundle: string, policy: Policy): string {
  const open = `${policyLine(null)}\n`;
  if (!bundle.startsWith(open))
    throw new Error('this bundle has no place for a policy: build the package again');
  // No replacement pattern: a policy may hold a `$`.
  return `${policyLine(policy)}\n${bundle.slice(open.length)}`;
}
