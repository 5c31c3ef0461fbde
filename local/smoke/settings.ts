/** What image/smoke-job.sh tells its GitHub, in its environment. */
export interface Settings {
  readonly port: number;
  /** `actions/checkout@COMMIT actions/setup-node@COMMIT`, or none. */
  readonly uses: readonly string[];
  /** The folder that has their archives. */
  readonly actions: string;
  readonly region: string;
  /** The runner's name. */
  readonly runner: string;
  /** Of the encryption context that the config opens under. */
  readonly context: { readonly stack: string; readonly runner: string };
  readonly sealed: string;
  readonly secretPath: string;
  readonly token: string;
}

/** Throws where one is missing. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const read = (name: string): string => {
    const value = environment[name];
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  };
  return {
    port: Number(read('SMOKE_PORT')),
    uses: read('SMOKE_USES').split(' ').filter(Boolean),
    actions: environment['SMOKE_FOLDER'] ?? '/smoke/actions',
    region: read('SMOKE_REGION'),
    runner: read('SMOKE_RUNNER'),
    context: { stack: read('SMOKE_STACK'), runner: read('SMOKE_RUNNER') },
    sealed: read('SMOKE_SEALED'),
    secretPath: read('SMOKE_SECRET_PATH'),
    token: read('SMOKE_TOKEN'),
  };
}
