import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startControl } from '../../../local/world/control.ts';
import { buildFunctions } from '../../../scripts/build.ts';
import { startTestWorld } from '../../fixtures/world.ts';
import { packageService } from '../../infra/package-service.ts';
import { VARIANTS } from '../../infra/variants.ts';
import { type Installed, installPackage, USER_NODE_VERSION } from '../installed.ts';
import { readZip } from '../read-zip.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const FUNCTIONS = ['reconcile', 'settle', 'summary', 'sweep', 'webhook'];

// Each test runs programs, beside those of other tests.
vi.setConfig({ testTimeout: 90_000 });

let installed: Installed;
const inFolder = (...names: string[]) => path.join(installed.folder, ...names);

beforeAll(async () => {
  installed = await installPackage();
}, 300_000);
afterAll(() => installed?.remove());

const inImage = (name: string) => `dist/service/image/${name}`;

describe('the package', () => {
  it('should have these files and no other', () => {
    const names = installed.packed.files.map((file) =>
      file.path.replace(/(chunks|console|docs|examples)\/.*/, '$1/*'),
    );
    expect([...new Set(names)].filter((name) => name !== 'dist/console/*').toSorted()).toEqual(
      [
        ...['LICENSE', 'README.md', 'docs/*', 'examples/*', 'package.json', 'runners.yml'],
        ...['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
        ...['dist/cli/NOTICES.txt', 'dist/cli/oneshot.js', 'dist/chunks/*'],
        ...['dist/service/package.json', 'dist/service/serverless.yml'],
        ...FUNCTIONS.flatMap((name) =>
          ['index.js', 'index.js.map', 'package.json'].map(
            (file) => `dist/service/functions/${name}/${file}`,
          ),
        ),
        ...['account-plugin', 'build-plugin', 'load'].map((name) => `dist/service/infra/${name}.js`),
        'dist/service/infra/deployer-policy-bounded.json',
        'dist/service/infra/deployer-policy.json',
        ...[
          'about',
          'api',
          'cache',
          'cluster',
          'docker',
          'iam',
          'image',
          'lint',
          'network',
          'observability',
          'partitions',
          'queue',
          'secrets',
          'summary',
        ].map((name) => `dist/service/infra/${name}.yml`),
        ...['Dockerfile', 'README.md', 'buildspec.yml', 'entrypoint.sh'].map(inImage),
        ...['publish.sh', 'smoke-job.sh', 'smoke-test.sh'].map(inImage),
        'dist/service/smoke/github.mjs',
      ].toSorted(),
    );
  });

  it('should be small: 2.5 MB to download, 9 MB on disk', () => {
    expect(installed.packed.size).toBeLessThan(2_500_000);
    expect(installed.packed.unpackedSize).toBeLessThan(9_000_000);
  });

  it('should name no folder of the machine that built it', async () => {
    for (const { path: file } of installed.packed.files) {
      const text = await readFile(inFolder('node_modules/oneshot-runners', file), 'utf8');
      for (const folder of [ROOT, homedir(), tmpdir()].filter((name) => name.length > 5))
        expect(text.includes(`${folder}/`), `${file} has ${folder}`).toBe(false);
    }
  });

  it('should bring the licences of what is bundled in it', async () => {
    const notices = await readFile(inFolder('node_modules/oneshot-runners/dist/cli/NOTICES.txt'), 'utf8');
    for (const name of ['@aws-sdk/client-ecs', '@octokit/rest', 'commander', 'yaml'])
      expect(notices).toContain(`\n${name} `);
    expect(notices).not.toContain('undefined');
  });
});

describe(`the package, installed in an empty folder, on Node ${USER_NODE_VERSION}`, () => {
  it('should say for every command how it is called', async () => {
    const { stdout } = await installed.run(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+)[ \n]/gm)].map(([, name = '']) => name);
    expect(commands).toEqual(expect.arrayContaining(['init', 'deploy', 'setup', 'doctor', 'teardown']));
    const answers = await Promise.all(commands.map((name) => installed.run([name, '--help'])));
    for (const { code, stdout } of answers)
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^Usage/)]);
  });

  it.each([
    ['20.20.2', 2],
    ['22.12.0', 2],
    ['22.13.0', 0],
    ['23.11.1', 2],
    ['24.0.0', 0],
    ['27.1.0', 0],
  ])('should run or say which Node it needs, on Node %s', async (version, code) => {
    const pretend = inFolder('pretend.cjs');
    await writeFile(pretend, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
    const ended = await installed.run(['--version'], { NODE_OPTIONS: `--require=${pretend}` });
    await rm(pretend);
    // A refusal comes before the program: nothing of it ran.
    expect([ended.code, ended.stdout === '']).toEqual([code, code === 2]);
    const refusal = /^error oneshot needs Node 24 or later \(.*22\.13 on\)\. This is Node (\S+)\. .*\n$/;
    expect(refusal.exec(ended.stderr)?.[1]).toBe(code === 2 ? version : undefined);
  });

  it('should declare the same to npm', async () => {
    const { engines } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
    expect(engines).toEqual({ node: '^22.13.0 || >=24.0.0' });
  });

  it('should say that there is no policy yet, and write one', async () => {
    expect(await installed.run(['deploy', '--package-only', 'out'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no runners.yml here\nfix .*oneshot init/),
    });
    expect((await installed.run(['init'])).code).toBe(0);
    expect(await readFile(inFolder('runners.yml'), 'utf8')).toBe(
      await readFile(path.join(ROOT, 'runners.yml'), 'utf8'),
    );
  });

  it('should look at an installation, with all that its commands need', async () => {
    const world = await startTestWorld({ pace: 30 });
    const control = await startControl(world);
    try {
      await world.sweep();
      const looks = await Promise.all(
        [
          ['doctor'],
          ['status'],
          ['sweep'],
          ['reconcile', 'acme/web'],
          ['cost'],
          ['teardown', '--dry-run'],
        ].map((args) => installed.run(['--local', control.url, ...args])),
      );
      expect(looks.map(({ code, stderr }) => [code, stderr])).toEqual(looks.map(() => [0, '']));
    } finally {
      control.close();
      await world.close();
    }
  });

  it('should package the user’s policy and parameters: the bundles and the template that a checkout makes', async () => {
    const policy = await readFile(inFolder('runners.yml'), 'utf8');
    await writeFile(inFolder('runners.yml'), policy.replace('acme/*', 'globex/*'));
    await writeFile(inFolder('parameters.yml'), 'default: { network: private }\ndev: { network: public }\n');
    const { code, stderr, stdout } = await installed.run(['--json', 'deploy', '--package-only', 'out']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ stack: 'oneshot-dev', folder: inFolder('out') });

    const built = await mkdtemp(path.join(tmpdir(), 'oneshot-built-'));
    await buildFunctions(built, { policyFile: inFolder('runners.yml') });
    // The summary is deployed only where it is wanted.
    for (const name of FUNCTIONS.filter((one) => one !== 'summary')) {
      const zip = inFolder('out', `${name}.zip`);
      const bundle = await readZip(zip, `dist/${name}/index.js`);
      expect(bundle.slice(0, 2_000)).toContain('"repositories":["globex/*"]');
      expect(bundle === (await readFile(path.join(built, name, 'index.js'), 'utf8')), name).toBe(true);
    }
    await rm(built, { recursive: true });

    const file = inFolder('out/cloudformation-template-update-stack.json');
    const { template } = await packageService({ parameters: VARIANTS.public });
    expect(withoutTime(await readFile(file, 'utf8'))).toEqual(withoutTime(JSON.stringify(template)));
  });

  it('should take what is said on the command line, and what the user has in image/', async () => {
    await mkdir(inFolder('image'));
    await writeFile(inFolder('image/our-tools.sh'), 'apt-get install -y jq\n');
    const parameters = ['imagePipeline=enabled', 'logRetentionDays=7'].flatMap((it) => ['--param', it]);
    const flags = ['--github-url', 'https://github.example.com/', '--package-only', 'out', ...parameters];
    expect((await installed.run(['deploy', ...flags])).code).toBe(0);
    await rm(inFolder('image'), { recursive: true });
    const template = await readFile(inFolder('out/cloudformation-template-update-stack.json'), 'utf8');
    const [, files = ''] = /base64 -d <<<(\S+) \| gunzip/.exec(template) ?? [];
    const script = gunzipSync(Buffer.from(files, 'base64')).toString();
    for (const file of ['our-tools.sh', 'entrypoint.sh', 'Dockerfile'])
      expect(script).toContain(`cat >'image/${file}'`);
    expect(template).toContain('"GITHUB_API_URL": "https://github.example.com/api/v3"');
    expect(template).toContain('"RetentionInDays": 7');
  });

  it('should leave nothing of its own behind: not in itself, and not beside the user’s files', async () => {
    const names = ['node_modules', 'out', 'parameters.yml', 'runners.yml'];
    expect((await readdir(installed.folder)).toSorted()).toEqual(names);
    const inside = await readdir(inFolder('node_modules/oneshot-runners'), {
      recursive: true,
      withFileTypes: true,
    });
    expect(inside.filter((entry) => entry.isFile())).toHaveLength(installed.packed.files.length);
  });

  it.each([
    [['deploy', '--param', 'network'], 2, /network has no value\nfix .*network=private/],
    [
      ['deploy', '--package-only', 'x', '--param', 'network=moon', '--param', 'netwrok=x'],
      2,
      /netwrok: there is no such.*network: "moon".*choose private/s,
    ],
    [
      ['deploy', '--package-only', 'x', '--stage', 'Not A Stage'],
      2,
      /--stage <name>.*Not A Stage.*\nfix .*lower-case/,
    ],
    [['deploy', '--local', 'http://127.0.0.1:1'], 2, /deployed already/],
    [
      ['--github-url', 'http://github.example.com', 'deploy'],
      2,
      /--github-url <url>.*\nfix .*the address that people open/,
    ],
    [['deploy'], 2, /no AWS region is set\nfix .*--region/],
    [['deploy', '--region', 'eu-central-1'], 3, /no credentials to this shell\nfix .*aws sso login/],
    [['teardown', '--region', 'eu-central-1'], 3, /no credentials to this shell\nfix .*aws sso login/],
  ])('should say in a sentence what is wrong, with the fix and no stack: %j', async (args, code, words) => {
    const { stderr, ...ended } = await installed.run(args);
    expect(ended).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at |Warning/);
  });

  it('should find with the doctor that nobody asks, as a link like any other', async () => {
    const { code, stdout } = await installed.run(['--json', 'doctor', '--region', 'eu-central-1']);
    const [finding, ...more] = JSON.parse(stdout);
    expect(finding).toMatchObject({ id: 'identity', verdict: { kind: 'fail', fix: expect.any(String) } });
    expect([code, more]).toEqual([3, []]);
  });

  it.each([
    ['runners.yml', 'allow: { repositories: [acme] }', /allow.repositories.*owner\/name/],
    ['parameters.yml', 'default: [', /parameters.yml is not valid YAML/],
    ['parameters.yml', 'network: public', /network is in no block\nfix .*default/],
    ['parameters.yml', '- network: public', /it is in no block/],
    ['parameters.yml', 'default: { environment: { NPM_TOKEN: x } }', /NPM_TOKEN looks like a secret/],
    ['parameters.yml', 'default: { netwrok: public }', /netwrok: there is no such parameter/],
  ])('should say what is wrong in %s: %s', async (file, text, words) => {
    const before = await readFile(inFolder(file));
    await writeFile(inFolder(file), text);
    const { code, stderr } = await installed.run(['deploy', '--package-only', 'x']);
    await writeFile(inFolder(file), before);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

/** osls names the folder of an upload by the time. */
const withoutTime = (text: string): unknown =>
  JSON.parse(text.replaceAll(/\d{13}-\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'));
