/** What `--docker` takes beside a daemon: a policy that opens Docker. */
import type { Policy } from '../../functions/core/job/policy.ts';

/** The policy with Docker opened for what it allows, unless it says itself who has it. */
export const withDocker = (policy: Policy): Policy =>
  policy.docker.repositories.length > 0
    ? policy
    : { ...policy, docker: { ...policy.docker, repositories: policy.allow.repositories } };
