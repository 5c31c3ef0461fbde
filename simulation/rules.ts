import { fullName, type Repository } from '../functions/core/job/repository.ts';

/** What a job of the profile `rules` asks for, and what has to come of it by the rules of its repository. */
export interface RuledJob {
  readonly labels: readonly string[];
  /** `told`: in the log alone, as a runner that failed it could be given a job of others. */
  readonly comesTo: 'served' | 'failed' | 'told';
}

const served = (...labels: readonly string[]): RuledJob => ({ labels, comesTo: 'served' });
const failed = (...labels: readonly string[]): RuledJob => ({ labels, comesTo: 'failed' });
const told = (...labels: readonly string[]): RuledJob => ({ labels, comesTo: 'told' });

/** The `runners.yml` of the profile: two groups of one organisation, a repository by itself, one that is refused. */
export const RULED = `
allow: { repositories: [acme/web, acme/api, acme/tool, beta/app] }
sizes: { large: { cpu: 4, memory: 16 } }
aliases: { dependabot: fargate/large }
rules:
  - repositories: [acme/api]
    runnerGroup: payments
    defaults: { cpu: 2, memory: 8 }
    sizes: { large: { cpu: 8, memory: 32 } }
    limits: { cpu: 8, memory: 32 }
  - repositories: [acme/tool]
    scope: repository
    limits: { cpu: 16, memory: 64 }
  - repositories: [beta/*]
    scope: repository
    refuse: "Ask the platform team for runners."
`;

const JOBS: Readonly<Record<string, readonly RuledJob[]>> = {
  // acme/tool is served with the label that is over the limit here, and the default group is open to it.
  'acme/web': [
    served('fargate'),
    served('self-hosted', 'fargate'),
    served('fargate/large'),
    served('fargate/spot'),
    served('dependabot'),
    told('fargate/cpu=8'),
  ],
  'acme/api': [
    served('fargate'),
    served('fargate/large'),
    served('fargate/cpu=8'),
    served('fargate/spot'),
    served('dependabot'),
  ],
  'acme/tool': [served('fargate'), served('fargate/cpu=8'), failed('fargate/cpu=16/memory=120')],
  'beta/app': [failed('fargate'), told('self-hosted', 'fargate')],
};

export const ruledJobsOf = (repository: Pick<Repository, 'owner' | 'name'>): readonly RuledJob[] =>
  JOBS[fullName(repository)] ?? [];

/** The organisation's groups, by name or id, and the repositories that each is open to. */
const GROUPS: ReadonlyMap<number | string, readonly string[]> = new Map<number | string, readonly string[]>([
  [1, ['web', 'tool', 'closed']],
  ['payments', ['api']],
]);

/** Names of the repositories that a group is open to; `undefined` where GitHub has no such group. */
export const openTo = (group: number | string): readonly string[] | undefined => GROUPS.get(group);
