/** What there is of one deployment. */
export interface Seen {
  readonly stack: string;
  /** The stack's tag `oneshot:stack`; `undefined` where it has none. */
  readonly ownerTag: string | undefined;
  /** The embedded world, which has no stack and stays up. */
  readonly isLocal: boolean;
  /** What the names of its runners begin with. */
  readonly runnerPrefix: string;
  readonly liveTasks: number;
  /** Of these, how many are known to run a job. */
  readonly runningJobs: number;
  /** Full names of the parameters below this stage's path. */
  readonly parameters: readonly string[];
  /** `undefined` where GitHub could not be asked, with the reason in `githubProblem`. */
  readonly appSettingsUrl: string | undefined;
  readonly githubProblem: string | undefined;
}

export interface Line {
  readonly what: string;
  readonly because: string;
}

export type TeardownPlan =
  | { readonly kind: 'refused'; readonly problem: string; readonly fix: string }
  | { readonly kind: 'delete'; readonly deletes: readonly Line[]; readonly leaves: readonly Line[] };

/** What a teardown deletes and what it cannot. Pure. */
export function planTeardown(seen: Seen): TeardownPlan {
  const { stack, runnerPrefix, ownerTag, parameters, isLocal } = seen;
  if (!isLocal && ownerTag !== stack)
    return {
      kind: 'refused',
      problem: `the stack ${stack} is not ours: its tag oneshot:stack is ${ownerTag ?? 'not there'}`,
      fix: 'give a --stage that this program deployed',
    };
  const deletes = [
    ...(isLocal
      ? []
      : [{ what: `the stack ${stack}, with network, logs and images`, because: 'made by oneshot' }]),
    ...tasksOf(seen),
    ...(seen.appSettingsUrl === undefined
      ? []
      : [
          { what: `runners on GitHub named ${runnerPrefix}-…`, because: 'their tasks will be gone' },
          { what: 'the address in the App’s webhook', because: 'AWS may give it to somebody else' },
        ]),
    ...parameters.map((what) => ({ what, because: 'worthless without the stack’s key' })),
  ];
  return { kind: 'delete', deletes, leaves: leftAlone(seen) };
}

function tasksOf({ liveTasks, runningJobs }: Seen): Line[] {
  if (liveTasks === 0) return [];
  const jobs = runningJobs === 0 ? 'no job is known to run' : `running jobs that will FAIL: ${runningJobs}`;
  return [{ what: `live tasks: ${liveTasks}`, because: jobs }];
}

function leftAlone({ stack, isLocal, appSettingsUrl, githubProblem }: Seen): Line[] {
  const world = { what: 'the embedded world', because: 'it ends when npm start ends' };
  const key = { what: `the key of ${stack}`, because: 'AWS keeps it for 30 days, free, and then deletes it' };
  const app =
    appSettingsUrl === undefined
      ? { what: 'the GitHub App and its runners', because: githubProblem ?? 'GitHub was not asked' }
      : { what: `the GitHub App: ${appSettingsUrl}`, because: 'GitHub has no API that deletes it' };
  return [app, isLocal ? world : key];
}
