/** Where a runner finds the services of the embedded GitHub. Bases end in a slash (WIRE-3); absent ones are not named. */
export interface ServiceAddresses {
  /** `github.server_url` and `github.api_url`: the only ones without a slash at their end. */
  readonly server: string;
  readonly api: string;
  /** `serverUrlV2` of the configuration: token, session and messages. */
  readonly broker: string;
  /** `run_service_url`, and the url of SystemVssConnection: acquirejob, renewjob, completejob. */
  readonly run: string;
  /** Steps, logs and summaries (WIRE-30): `system.github.results_endpoint` and `ResultsServiceUrl`. */
  readonly results: string;
  /** Archives of actions (WIRE-31): `system.github.launch_endpoint`. */
  readonly launch: string;
  /** `GenerateIdTokenUrl`, whole: a step adds `&audience=`, so it has a query. The job's token tells which job asks. */
  readonly idToken: string;
  /** `FeedStreamUrl`: `ws://` or `wss://`. */
  readonly feed: string;
  /** `CacheServerUrl`. */
  readonly cache?: string;
}

export const PATHS = {
  results: '/_services/results',
  feed: '/_services/feed',
  /** As Enterprise Server has it (docs.github.com: OpenID Connect reference). */
  issuer: '/_services/token',
} as const;

/** `url`: the server's, without a slash. `tenant`: what stands in its addresses for whom they serve. */
export const addressesOf = (url: string, tenant: string): ServiceAddresses => ({
  server: url,
  api: url,
  broker: `${url}/broker/${tenant}/`,
  run: `${url}/run/`,
  results: `${url}${PATHS.results}/`,
  launch: `${url}/`,
  feed: `${url.replace(/^http/, 'ws')}${PATHS.feed}`,
  idToken: `${url}${PATHS.issuer}/idtoken?api-version=2.0`,
});
