import type { GitHubFault } from './errors.ts';
import type { RefusalKind } from './outcomes.ts';

interface Remedy {
  readonly means: string;
  readonly toDo: string;
}

/**
 * What a refusal means and what to do about it, in the words of the log and of docs/troubleshooting.md. GROUP, SCOPE and
 * PATH (of the App's parameters) are placeholders.
 */
export const REMEDIES = {
  // What GitHub's answer says is wrong.
  'app-key': {
    means: 'GitHub does not accept the App’s private key',
    toDo: 'put a private key that the App has now into the parameter PATH/private-key, and the id of the same App into PATH/app-id',
  },
  'app-id': {
    means: 'GitHub has no App with the id that oneshot uses',
    toDo: 'put the App’s id into the parameter PATH/app-id',
  },
  'app-not-installed': {
    means: 'the App is not installed on the owner of SCOPE',
    toDo: 'install it there, from the App’s page at GitHub',
  },
  'app-suspended': {
    means: 'the App’s installation on the owner of SCOPE is suspended',
    toDo: 'unsuspend it in the owner’s settings, under GitHub Apps',
  },
  'app-permission': {
    means: 'GitHub does not let the App register runners at SCOPE',
    toDo: 'accept the App’s permissions in the owner’s settings (oneshot doctor names the missing one), and check whether the organization disables self-hosted runners there',
  },
  'rerun-permission': {
    means: 'GitHub does not let the App start a run again at SCOPE',
    toDo: 'give the App the permissions Actions: write and Deployments: read and accept them in the owner’s settings, or set spot.rerun: never in runners.yml and deploy',
  },
  'runner-group': {
    means: 'GitHub shows the App no runner group GROUP at SCOPE',
    toDo: 'correct runnerGroup or runnerGroupId in runners.yml and deploy, or make that group in the organization’s settings; for group 1, check that the App is installed on SCOPE',
  },
  // What a refusal means when GitHub's answer says no more.
  'primary-limit': {
    means: 'the App’s hourly calls are used up',
    toDo: 'nothing; if it lasts, see docs/operations.md, "Rate limited"',
  },
  'secondary-limit': {
    means: 'GitHub’s limit for each minute is reached',
    toDo: 'nothing: launches are paced; if it lasts, see docs/operations.md, "Rate limited"',
  },
  throttled: {
    means: 'AWS takes no more calls in this second',
    toDo: 'nothing, or ask AWS to raise the rate',
  },
  'no-capacity': {
    means: 'Fargate has no capacity for that size in these zones now',
    toDo: 'add a third zone, or ask for another size; Spot falls back to on-demand by itself',
  },
  'no-address': {
    means: 'the subnets have no free address, or ECS got no network interface',
    toDo: 'give the stack larger subnets, or more of them, and deploy',
  },
  'vcpu-quota': {
    means: 'a Fargate quota of the account is reached: vCPUs, or tasks that run at once',
    toDo: 'raise it in Service Quotas, "Fargate On-Demand vCPU resource count" (or Spot); a new account has little',
  },
  'not-permitted': {
    means: 'a role or the App may not make this call',
    toDo: 'run oneshot doctor: it checks permissions and roles',
  },
  'not-found': {
    means: 'what the call names does not exist',
    toDo: 'run oneshot doctor: it checks the installation and the cluster',
  },
  'invalid-request': {
    means: 'the request itself was refused; GitHub’s or AWS’s own words follow',
    toDo: 'run oneshot doctor; if it finds nothing, please report it',
  },
} as const satisfies Readonly<Record<GitHubFault | RefusalKind, Remedy>>;

/** What a refused call was about. */
export interface Subject {
  /** `orgs/acme`, `repos/acme/web`. */
  readonly scope: string;
  /** Its id, or its name. */
  readonly runnerGroup: number | string;
  /** Where the App's parameters are: `/oneshot/STAGE/github`. */
  readonly parameterPath: string;
}

/** One sentence: what is wrong, and what to do. */
export function remedyOf(which: keyof typeof REMEDIES, subject: Subject): string {
  const { means, toDo } = REMEDIES[which];
  const values: Readonly<Record<string, string>> = {
    SCOPE: subject.scope,
    GROUP: `${subject.runnerGroup}`,
    PATH: subject.parameterPath,
  };
  return `${means}: ${toDo}`.replace(/SCOPE|GROUP|PATH/g, (word) => values[word] ?? word);
}
