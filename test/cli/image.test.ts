import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adopt } from '../../cli/image/adopt.ts';
import { startControl } from '../../local/world/control.ts';
import type { World } from '../../local/world/start-world.ts';
import { startTestWorld } from '../fixtures/world.ts';
import { oneshot as run } from './oneshot.ts';

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
const home = process.cwd();
const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-image-'));
const file = path.join(folder, 'parameters.yml');

beforeAll(async () => {
  world = await startTestWorld({ pace: 30 });
  control = await startControl(world);
  process.chdir(folder);
}, 300_000);
afterAll(async () => {
  process.chdir(home);
  control.close();
  await world.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  for (const arch of ['x64', 'arm64'])
    world.aws.accountState.imageBuilds.set(`oneshot-local-image-${arch}`, []);
  world.aws.accountState.nextBuild = 'SUCCEEDED';
  rmSync(file, { force: true });
});

const oneshot = (...args: string[]) => run(control.url, ...args);

describe('oneshot image build', () => {
  it('should start a build for each architecture, and none while one runs', async () => {
    const { code, stdout } = await oneshot('image', 'build');
    expect(stdout).toMatch(
      /^oneshot-local-image-x64: IN_PROGRESS .*\noneshot-local-image-arm64: IN_PROGRESS/,
    );
    expect(code).toBe(0);
    const again = await oneshot('image', 'build');
    expect(again.stderr).toMatch(
      /image-x64 did not start: Cannot have more than 1.*\n.*wait until the running build/s,
    );
    expect(again.code).toBe(1);
  });

  it('should follow the builds to their end', async () => {
    const { code, stdout, stderr } = await oneshot('image', 'build', '--watch');
    expect(stderr).toMatch(/image-x64: PROVISIONING.*image-x64: BUILD.*image-arm64: SUCCEEDED/s);
    expect(stdout).toMatch(/image-x64: SUCCEEDED .*\n.*image-arm64: SUCCEEDED/);
    expect(code).toBe(0);
  });

  it('should end with what failed, and where its log is', async () => {
    world.aws.accountState.nextBuild = 'FAILED';
    const { code, stderr } = await oneshot('image', 'build', '--watch');
    expect(stderr).toMatch(/image-x64: FAILED, BUILD: exit status 1\n.*image-arm64: FAILED.*https:/s);
    expect(code).toBe(1);
  });

  it('should say how to have a pipeline where there is none, and build what there is of one', async () => {
    world.aws.accountState.imageBuilds.delete('oneshot-local-image-arm64');
    expect((await oneshot('image', 'build')).stdout).toMatch(/^oneshot-local-image-x64: IN_PROGRESS [^\n]*$/);
    world.aws.accountState.imageBuilds.clear();
    const { code, stderr } = await oneshot('image', 'build');
    expect(stderr).toMatch(/has no image pipeline\n.*imagePipeline: enabled/);
    expect(code).toBe(1);
  });

  it('should take no version that is none', async () => {
    expect((await oneshot('image', 'build', '--runner-version', 'newest')).code).toBe(2);
  });
});

describe('oneshot image use', () => {
  const use = (image: string) => oneshot('--stage', 'prod', 'image', 'use', image);

  it('should not use what the pipeline has not built well', async () => {
    world.aws.accountState.nextBuild = 'FAILED';
    await oneshot('image', 'build', '--watch');
    const { code, stderr } = await use('pipeline');
    expect(stderr).toMatch(/image-x64 has no good build yet\n.*oneshot image build --watch/);
    expect(code).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  it('should write it for this stage, keep all else in the file, and say what is next', async () => {
    writeFileSync(file, '# ours\ndefault:\n  network: public # no NAT\nprod:\n');
    await oneshot('image', 'build', '--watch');
    const { code, stdout } = await use('pipeline');
    expect(stdout).toMatch(/prod has image: pipeline. Next: oneshot deploy/);
    expect(code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(
      '# ours\ndefault:\n  network: public # no NAT\nprod:\n  imagePipeline: enabled\n  image: pipeline\n',
    );
  });

  it('should write another image, and refuse one without a tag', async () => {
    await use('ghcr.io/acme/runner:1.2');
    expect(readFileSync(file, 'utf8')).toBe('prod:\n  image: ghcr.io/acme/runner:1.2\n');
    const { code, stderr } = await use('ghcr.io/acme/runner');
    expect(stderr).toContain('name a tag or a digest');
    expect(code).toBe(2);
    expect(readFileSync(file, 'utf8')).toContain(':1.2');
  });
});

describe('an image after the first green job', () => {
  const steps = async (build: () => Promise<unknown>) => {
    const done: unknown[] = [];
    const note = (what: unknown) => async () => void done.push(what);
    const port = {
      write: (values: unknown) => note(values)(),
      deploy: note('deploy'),
      build: () => note('build')().then(build),
    };
    const failed = await adopt(port).then(
      () => undefined,
      (error: Error) => error.message,
    );
    return { done, failed };
  };
  const BUILT = [{ imagePipeline: 'enabled' }, 'deploy', 'build'];

  it('should be used once it is built', async () => {
    const { done } = await steps(async () => undefined);
    expect(done).toEqual([...BUILT, { imagePipeline: 'enabled', image: 'pipeline' }, 'deploy']);
  });

  it('should not be used where its build failed', async () => {
    expect(await steps(() => Promise.reject(new Error('FAILED')))).toEqual({ done: BUILT, failed: 'FAILED' });
  });
});
