import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { readContextFile, useStage } from '../../cli/where/context-file.ts';
import { remember } from '../../cli/where/remember.ts';
import type { World } from '../../local/world/start-world.ts';
import { startTestWorld } from '../fixtures/world.ts';

let world: World;
let folder: string;
const home = process.cwd();
const VARIABLES = ['AWS_REGION', 'AWS_PROFILE', 'ONESHOT_STAGE', 'ONESHOT_LOCAL', 'AWS_ACCESS_KEY_ID'];
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text);

beforeAll(async () => {
  world = await startTestWorld({ pace: 30 });
}, 300_000);
afterAll(() => world.close());

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'oneshot-context-'));
  process.chdir(folder);
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
  const { accessKeyId, secretAccessKey } = world.aws.deployerCredentials;
  write('config', `[profile acme]\nregion = ${world.aws.region}\n[sso-session corp]\nsso_region = x\n`);
  write(
    'credentials',
    `[acme]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n` +
      '[stranger]\naws_access_key_id = AKIASTRANGER\naws_secret_access_key = wrong\n',
  );
  vi.stubEnv('AWS_CONFIG_FILE', path.join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'credentials'));
  vi.stubEnv('AWS_ENDPOINT_URL', world.aws.url);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(() => {
  process.chdir(home);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Runs a command in the folder; what it printed on each stream. */
async function oneshot(...args: string[]) {
  const printed: Record<'log' | 'error', string[]> = { log: [], error: [] };
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void printed[name].push(String(line))),
  );
  const writes = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed.error.push(String(text));
    return true;
  });
  // A process of its own would take its changes of the environment with it.
  const { AWS_PROFILE } = process.env;
  try {
    const code = await main(args);
    return { code, stdout: printed.log.join('\n'), stderr: printed.error.join('\n') };
  } finally {
    process.exitCode = undefined;
    vi.stubEnv('AWS_PROFILE', AWS_PROFILE);
    for (const spy of [...spies, writes]) spy.mockRestore();
  }
}

const KNOWN = 'stage: local\nstages:\n  local:\n    region: us-east-1\n    profile: acme\n';

describe('oneshot.yml', () => {
  it('should be written by init, and be what later commands mean', async () => {
    const made = await oneshot('init', '--stage', 'local', '--region', 'us-east-1', '--profile', 'acme');
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('mean the stage local (us-east-1, acme)'),
    });
    expect(read('oneshot.yml')).toContain(KNOWN);
    const { code, stderr } = await oneshot('status');
    expect(stderr).toBe('oneshot-local in us-east-1, profile acme (from oneshot.yml)');
    expect(code).toBe(0);
  });

  it('should not be written by an init that names no deployment', async () => {
    await oneshot('init');
    expect(() => read('oneshot.yml')).toThrow('ENOENT');
  });

  it('should say nothing beside JSON, nor where the command line names the deployment', async () => {
    write('oneshot.yml', KNOWN);
    const { stdout, stderr } = await oneshot('--json', 'status');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ stack: 'oneshot-local' });
    const named = await oneshot('status', '--stage', 'local', '--region', 'us-east-1', '--profile', 'acme');
    expect(named).toMatchObject({ code: 0, stderr: '' });
  });

  it('should yield to the environment, and that to the command line', async () => {
    write(
      'oneshot.yml',
      KNOWN.replace('stages:', 'stages:\n  prod: {}').replace('region: us-east-1', 'region: eu-west-1'),
    );
    vi.stubEnv('ONESHOT_STAGE', 'prod');
    const prod = await oneshot('status', '--profile', 'acme');
    expect(prod.stderr).toContain(
      'oneshot-prod (ONESHOT_STAGE) in us-east-1 (AWS configuration), profile acme\n',
    );
    vi.stubEnv('AWS_REGION', 'us-east-1');
    const { code, stderr } = await oneshot('status', '--stage', 'local');
    expect(stderr).toBe(
      'oneshot-local in us-east-1 (AWS_REGION; oneshot.yml has eu-west-1), profile acme (oneshot.yml)',
    );
    expect(code).toBe(0);
  });

  it('should leave its profile to credentials that the environment has', async () => {
    write('oneshot.yml', KNOWN.replace('profile: acme', 'profile: not-here'));
    const { accessKeyId, secretAccessKey } = world.aws.deployerCredentials;
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    const { code, stderr } = await oneshot('status');
    expect(stderr).toBe('oneshot-local in us-east-1 (from oneshot.yml)');
    expect(code).toBe(0);
  });

  it('should be refused with every problem at once, before anything is asked', async () => {
    write(
      'oneshot.yml',
      'stage: Prod\nregion: us-east-1\nstagess: {}\nstages:\n  prod: { profil: acme, region: Frankfurt }\n',
    );
    const { code, stderr } = await oneshot('status');
    expect(code).toBe(2);
    for (const problem of [
      'oneshot.yml has 5 problems',
      'stage must be lower-case letters',
      'region is not a known key: write it below the stage',
      'stagess is not a known key (did you mean stages?)',
      'stages.prod.profil is not a known key (did you mean profile?)',
      'stages.prod.region must be an AWS region, like eu-central-1',
    ])
      expect(stderr).toContain(problem);
  });

  it.each([
    ['- a\n', 'the file must be a mapping'],
    ['stages: {}\n', 'stage is missing'],
    ['stage: prod\nstages: [prod]\n', 'stages must be a mapping'],
    ['stage: prod\nstages: { prod: eu-central-1 }\n', 'stages.prod must be a mapping'],
    ['stage: 5\n', 'stage must be text'],
    ['stage: [\n', 'oneshot.yml has a problem'],
  ])('should be refused in words: %j', async (text, problem) => {
    write('oneshot.yml', text);
    const { code, stderr } = await oneshot('status');
    expect(stderr).toContain(problem);
    expect(code).toBe(2);
  });

  it('should be changed by use, with all else in it left as it is', async () => {
    write('oneshot.yml', `# ours\n${KNOWN}  dev:\n    region: eu-west-1 # Ireland\n`);
    const { code, stdout } = await oneshot('use', 'dev', '--profile', 'acme');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'oneshot.yml: commands in this folder mean the stage dev (eu-west-1, acme)',
    });
    const expected = KNOWN.replace('stage: local', 'stage: dev');
    expect(read('oneshot.yml')).toBe(
      `# ours\n${expected}  dev:\n    region: eu-west-1 # Ireland\n    profile: acme\n`,
    );
    expect(await oneshot('use', 'Not A Stage')).toMatchObject({ code: 2 });
  });

  it('should be whole whenever another command reads it, and keep what was in it', async () => {
    await useStage(folder, 'prod', { region: 'eu-central-1' });
    let isOver = false;
    const reads = (async () => {
      while (!isOver) expect((await readContextFile(folder))?.stages).toHaveProperty('prod');
    })();
    for (let n = 0; n < 100; n++) await useStage(folder, 'prod', { region: `eu-central-${1 + (n % 2)}` });
    isOver = true;
    await reads;
  });

  it('should not be read for the embedded world, which a variable may name', async () => {
    write('oneshot.yml', 'nonsense');
    vi.stubEnv('ONESHOT_LOCAL', 'http://127.0.0.1:1');
    const { code, stderr } = await oneshot('status');
    expect(stderr).toContain('the embedded world at http://127.0.0.1:1 (from ONESHOT_LOCAL)');
    expect(code).toBe(3);
  });
});

describe('--profile', () => {
  it('should be what AWS is asked as, over keys in the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIASTRANGER');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
    const { code, stderr } = await oneshot('--profile', 'acme', '--stage', 'local', '--json', 'status');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // For osls and the AWS CLI, in which they would win.
    expect(process.env['AWS_ACCESS_KEY_ID']).toBeUndefined();
    const stranger = await oneshot(
      '--profile',
      'stranger',
      '--stage',
      'local',
      '--region',
      'us-east-1',
      'status',
    );
    expect(stranger.code).toBe(3);
  });

  it.each([
    ['the command line', ['--profile', 'acmee'], {}],
    ['the environment', [], { AWS_PROFILE: 'acmee' }],
  ])('should be named where there is no such one, by %s', async (_, args, env) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const { code, stderr } = await oneshot('status', ...args);
    expect(stderr).toContain('there is no profile acmee in ~/.aws/config (did you mean acme?)');
    expect(stderr).toContain('choose one that is there (acme, stranger)');
    expect(stderr).not.toContain('corp');
    expect(code).toBe(2);
  });
});

describe('global options', () => {
  it('should be in the help of each command, and be accepted before and after it', async () => {
    const shown = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    await oneshot('dlq', 'list', '--help');
    const help = shown.mock.calls.join('');
    shown.mockRestore();
    for (const option of ['--stage <name>', '--region <name>', '--profile <name>', '--json', '-V, --version'])
      expect(help).toContain(option);
    expect(help).not.toContain('default: false');
    for (const args of [
      ['--stage', 'prod', 'status'],
      ['status', '--stage', 'prod'],
    ])
      expect((await oneshot('--profile', 'acme', ...args)).stderr).toContain(
        'there is no stack oneshot-prod',
      );
  });

  it.each([
    [['--stage', ''], 'lower-case letters'],
    [['--region', ''], 'an AWS region'],
    [['--region', 'eu-cental-1'], 'did you mean eu-central-1?'],
    [['--profile', ''], 'name of a profile'],
    [['--github-url', 'github.example.com'], 'the address that people open'],
  ])('should be refused where they are not valid: %j', async (args, message) => {
    const { code, stderr } = await oneshot('status', ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('what a deployment leaves in oneshot.yml', () => {
  const told: string[] = [];
  const output = {
    isJson: false,
    answer: () => undefined,
    file: () => undefined,
    tell: (line: string) => void told.push(line),
  };
  const deployed = (stage: string, where = folder) =>
    remember(
      where,
      { stage, region: 'eu-west-1', profile: 'acme', local: undefined, githubUrl: undefined },
      output,
    );
  beforeEach(() => void told.splice(0));

  it('should be its stage, which is meant from then on, and how it is reached', async () => {
    await deployed('prod');
    expect(read('oneshot.yml')).toMatch(
      /stage: prod\nstages:\n {2}prod:\n {4}region: eu-west-1\n {4}profile: acme\n$/,
    );
    expect(told).toEqual([
      'wrote oneshot.yml: commands in this folder mean the stage prod (eu-west-1, acme)',
    ]);
  });

  it('should be nothing new where the stage is known, and no more than its block where another one is meant', async () => {
    write('oneshot.yml', KNOWN);
    await deployed('local');
    expect(read('oneshot.yml')).toBe(KNOWN);
    expect(told).toEqual([]);
    await deployed('dev');
    expect(read('oneshot.yml')).toBe(`${KNOWN}  dev:\n    region: eu-west-1\n    profile: acme\n`);
    expect(told).toEqual([
      'wrote oneshot.yml: --stage dev means eu-west-1, acme; oneshot use dev makes it the one that is meant',
    ]);
  });

  it('should fail no deployment where the folder cannot be written to', async () => {
    await deployed('prod', path.join(folder, 'gone'));
    expect(told).toEqual([expect.stringMatching(/^not kept: oneshot.yml cannot be written: ENOENT/)]);
  });
});
