import type { GitHubParameters, ParameterStore } from '../aws/parameters.ts';
import { keepFor } from '../core/keep.ts';
import { createGitHubApp, type GitHubApp } from '../github/app.ts';

/** The App, made anew only when its parameters have been read anew: it holds the tokens. */
export function keepGitHubApp(parameters: ParameterStore, apiUrl: string): () => Promise<GitHubApp> {
  const keep = keepFor(({ appId, privateKey }: GitHubParameters) =>
    createGitHubApp({ appId, privateKey, apiUrl }),
  );
  return async () => keep(await parameters.get());
}
