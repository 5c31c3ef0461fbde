/** What `--docker` takes: this machine's daemon, and a policy that opens Docker. */
import { spawnSync } from 'node:child_process';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { TaskDaemons } from '../docker/index.ts';

/** Why no job with Docker can run on this machine; `undefined` where one can. */
export const whyNoDockerJobs = ({ whyNone }: Pick<TaskDaemons, 'whyNone'>): string | undefined =>
  whyNone() ??
  (spawnSync('sh', ['-c', 'command -v busybox']).status === 0
    ? undefined
    : 'busybox not found: apt-get install busybox-static');

/** The policy with Docker opened for what it allows, unless it says itself who has it. */
export const withDocker = (policy: Policy): Policy =>
  policy.docker.repositories.length > 0
    ? policy
    : { ...policy, docker: { ...policy.docker, repositories: policy.allow.repositories } };
