import { type Called, STAYS } from './commands.ts';
import type { Running } from './run.ts';

/** What a circumstance needs of the machine. */
export interface Place {
  /** The control server of an embedded world. */
  readonly world: string;
  /** An address of AWS of its own that takes connections and never answers; `connected` resolves at the first one. */
  silent(): Promise<{ readonly url: string; readonly connected: Promise<unknown> }>;
}

type How = Pick<Running, 'args' | 'environment'> & Partial<Pick<Running, 'stdout' | 'interrupted' | 'stays'>>;

export interface Circumstance {
  readonly name: string;
  /** What it is, for the table. */
  readonly words: string;
  /** Whether a failure is asked for as JSON too. */
  readonly hasJson?: true;
  readonly how: (called: Called, place: Place) => How | Promise<How>;
}

const REGION = { AWS_REGION: 'eu-central-1' };
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:1';

const inWorld = (
  { name, args }: Called,
  { world }: Place,
  environment: Readonly<Record<string, string>> = {},
): How => ({
  args: [...args, '--local', world],
  environment,
  stays: STAYS.has(name),
});

/** As an operator meets them. */
export const CIRCUMSTANCES: readonly Circumstance[] = [
  {
    ...{ name: 'help', words: '`--help`' },
    how: ({ args }) => ({ args: [...args, '--help'], environment: {} }),
  },
  {
    ...{ name: 'wrong arguments', words: 'an option that does not exist', hasJson: true },
    how: ({ args }) => ({ args: [...args, '--no-such-option'], environment: REGION }),
  },
  {
    ...{ name: 'no region', words: 'empty variables: `AWS_REGION`, `AWS_PROFILE`, `HOME`', hasJson: true },
    how: ({ args }) => ({
      args,
      environment: { AWS_REGION: '', AWS_PROFILE: '', HOME: '', ONESHOT_STAGE: '' },
    }),
  },
  {
    ...{ name: 'wrong region', words: '`AWS_REGION=eu-cental-1`', hasJson: true },
    how: ({ args }) => ({ args, environment: { ...KEYS, AWS_REGION: 'eu-cental-1' } }),
  },
  {
    ...{ name: 'no such profile', words: '`AWS_PROFILE=nobody`', hasJson: true },
    how: ({ args }) => ({ args, environment: { ...REGION, AWS_PROFILE: 'nobody' } }),
  },
  {
    ...{ name: 'no credentials', words: 'a region, and no credentials', hasJson: true },
    how: ({ args }) => ({ args, environment: REGION }),
  },
  {
    ...{ name: 'no network', words: 'credentials, and nothing answers at AWS’s address', hasJson: true },
    how: ({ args }) => ({ args, environment: { ...REGION, ...KEYS, AWS_ENDPOINT_URL: NOWHERE } }),
  },
  {
    ...{ name: 'no world', words: '`--local` with the address of nothing', hasJson: true },
    how: ({ args }) => ({ args: [...args, '--local', NOWHERE], environment: {} }),
  },
  {
    ...{ name: '80 columns', words: 'a deployment that is well, 80 columns' },
    how: (called, place) => inWorld(called, place, { COLUMNS: '80' }),
  },
  {
    ...{ name: 'no colour', words: '`NO_COLOR=1`, although `FORCE_COLOR=1`' },
    how: (called, place) => inWorld(called, place, { NO_COLOR: '1', FORCE_COLOR: '1' }),
  },
  {
    ...{ name: 'a pipe that is closed', words: 'a pipe into `head`, which has read enough' },
    how: (called, place) => ({ ...inWorld(called, place), stdout: 'closed' }),
  },
  {
    ...{ name: 'a help that is not read', words: '`--help` into `head`, which has read enough' },
    how: ({ args }) => ({ args: [...args, '--help'], environment: {}, stdout: 'closed' }),
  },
  {
    ...{ name: 'a file', words: 'a file gets the answer' },
    how: (called, place) => ({ ...inWorld(called, place, { CI: 'true' }), stdout: 'file' }),
  },
  {
    ...{ name: 'a read-only home', words: 'a home that cannot be written' },
    how: (called, place) => inWorld(called, place, { HOME: '/dev/null' }),
  },
  {
    ...{ name: 'Ctrl-C', words: 'Ctrl-C while AWS does not answer' },
    how: async ({ args }, { silent }) => {
      const { url, connected } = await silent();
      return { args, environment: { ...REGION, ...KEYS, AWS_ENDPOINT_URL: url }, interrupted: connected };
    },
  },
];
