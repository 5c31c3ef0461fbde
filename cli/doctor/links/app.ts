import { createGitHubApp, type GitHubApp } from '../../../functions/github/app.ts';
import { named } from '../../../functions/github/errors.ts';
import { judged, link, ok, type Read, type Reading, tried } from '../link.ts';
import { PARAMETER_PATH, storedValue } from './parameters.ts';
import { PRIVATE_KEY } from './private-key.ts';

export interface AppFact {
  readonly slug: string;
  /** Its page at GitHub: `/apps/SLUG`, on an Enterprise Server `/github-apps/SLUG`. */
  readonly path: string;
  readonly owner: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

/** The App by what is stored of it, to ask as. Throws where there is no key to ask with. */
export const asApp: Reading<GitHubApp> = async ({ githubApiUrl: apiUrl }, ask) => {
  const appId = await ask(storedValue('app-id'));
  if ((await ask(PRIVATE_KEY)) !== 'sound' || appId === '') throw new Error('no App to ask as');
  return createGitHubApp({ appId, privateKey: await ask(storedValue('private-key')), apiUrl });
};

export const APP = tried(async (_, ask): Promise<AppFact> => {
  const app = await ask(asApp);
  const { data } = await named('get the App', () => app.asApp.request('GET /app'));
  const {
    slug = '',
    html_url = '',
    owner,
    ...rest
  } = Object(data) as {
    slug?: string;
    html_url?: string;
    owner?: { login?: string };
    permissions: Record<string, string>;
    events: string[];
  };
  const path = URL.canParse(html_url) ? new URL(html_url).pathname : `/apps/${slug}`;
  return { slug, path, owner: owner?.login ?? '', permissions: rest.permissions, events: rest.events };
});

export const settingsOf = (app: Read<AppFact>): string =>
  app.kind === 'read' ? `the settings of the App ${app.value.slug}` : 'the App’s settings';

export const app = link({
  id: 'app',
  title: 'GitHub knows the App by this key',
  tries: 'GET /app with a JWT of app-id and private-key',
  needs: ['private-key', 'clock'],
  reads: { app: APP, parameterPath: PARAMETER_PATH },
  judge: (seen) =>
    judged(
      seen.app,
      `${seen.parameterPath}/app-id and private-key must be of one App: make a new key in its settings and store it`,
      ({ slug, owner }) => ok(`${slug} of ${owner}`),
    ),
});
