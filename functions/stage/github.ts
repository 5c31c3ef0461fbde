import type { GitHubParameters, ParameterStore } from '../aws/parameters.ts';
import type { Account } from '../core/job/repository.ts';
import type { CallBudget } from '../core/plan/job-look.ts';
import { createGitHubApp, type GitHubApp } from '../github/app.ts';
import { keepFor } from '../kit/keep.ts';

/** The App, made again only when its parameters have changed: it holds the tokens. */
export function keepGitHubApp(parameters: ParameterStore, apiUrl: string): () => Promise<GitHubApp> {
  const keep = keepFor(({ appId, privateKey }: GitHubParameters) =>
    createGitHubApp({ appId, privateKey, apiUrl }),
  );
  return async () => keep(await parameters.get());
}

/** The App, and what its answers have said about each installation's hour. */
export interface WatchedApp {
  open(): Promise<GitHubApp>;
  /** `undefined` before the installation's first answer. */
  budgetOf(account: Account): CallBudget | undefined;
}

export function watchGitHubApp(parameters: ParameterStore, apiUrl: string): WatchedApp {
  const open = keepGitHubApp(parameters, apiUrl);
  let opened: GitHubApp | undefined;
  return {
    async open() {
      opened = await open();
      return opened;
    },
    budgetOf: (account) => opened?.budgetOf(account),
  };
}
