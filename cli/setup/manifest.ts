/** What the App is and may do; docs/deploy.md says the same to who makes it by hand. */
export interface AppWish {
  readonly name: string;
  readonly webhookUrl: string;
  readonly redirectUrl: string;
  /** Where runners register (`scope` of runners.yml and of its rules). */
  readonly scopes: ReadonlySet<'organization' | 'repository'>;
  /** Whether runs are started again that lost a job to Spot (`spot.rerun`). */
  readonly rerunsLostJobs: boolean;
}

/** GitHub's limit on the name of an App. */
const LONGEST_NAME = 34;

/** What GitHub is asked for, as it reads it. */
export interface Manifest {
  readonly name: string;
  readonly url: string;
  readonly redirect_url: string;
  readonly hook_attributes: { readonly url: string; readonly active: boolean };
  readonly public: boolean;
  readonly default_events: readonly string[];
  readonly default_permissions: Readonly<Record<string, 'read' | 'write'>>;
}

/** docs.github.com, Registering a GitHub App from a manifest. Private: nobody else may install it. */
export function appManifest({ name, webhookUrl, redirectUrl, scopes, rerunsLostJobs }: AppWish): Manifest {
  return {
    name: name.slice(0, LONGEST_NAME),
    url: 'https://github.com/actions/runner',
    redirect_url: redirectUrl,
    hook_attributes: { url: webhookUrl, active: true },
    public: false,
    default_events: ['workflow_job'],
    default_permissions: {
      actions: rerunsLostJobs ? 'write' : 'read',
      metadata: 'read',
      ...(scopes.has('organization') && { organization_self_hosted_runners: 'write' }),
      ...(scopes.has('repository') && { administration: 'write' }),
      ...(rerunsLostJobs && { deployments: 'read' }),
    },
  };
}
