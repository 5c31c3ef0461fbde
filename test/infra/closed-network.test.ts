import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProblems, readParameters } from '../../infra/parameters.ts';
import { readZip } from '../package/read-zip.ts';
import { ROOT } from './osls.ts';
import { packageService } from './package-service.ts';
import { packageSkeleton } from './skeleton.ts';
import { at, properties, resolveConditions } from './template.ts';
import { parametersWith, VARIANTS } from './variants.ts';

const AUTHORITY = path.join(ROOT, 'test/fixtures/authority.pem');
const PEM = readFileSync(AUTHORITY, 'utf8').trim();
const PROXY = { httpProxy: 'http://proxy.example.com:3128', noProxy: 'github.example.com, .internal' };
const EXISTING = { network: 'existing', subnets: 'subnet-01234567', securityGroups: 'sg-01234567' };
const LOCAL = 'localhost,127.0.0.1,169.254.100.1,169.254.169.254,169.254.170.2';

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;
beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

type Changes = Parameters<typeof parametersWith>[0];
const resolved = (changes: Changes) => resolveConditions(templateWith(changes));

function taskEnvironment(changes: Changes): Record<string, unknown> {
  const definition = properties(resolved(changes), 'TaskDefinitionArm64');
  const entries = at(definition, 'ContainerDefinitions', 0, 'Environment') as unknown[];
  return Object.fromEntries(entries.map((entry) => [at(entry, 'Name'), at(entry, 'Value')]));
}
const functionEnvironment = (changes: Changes) =>
  at(properties(resolved(changes), 'SweepLambdaFunction'), 'Environment', 'Variables') as object;

describe('a proxy', () => {
  it('should be told to tasks, but never for the credentials of a task', () => {
    expect(taskEnvironment({ ...EXISTING, ...PROXY })).toMatchObject({
      http_proxy: PROXY.httpProxy,
      https_proxy: PROXY.httpProxy,
      no_proxy: `${LOCAL},github.example.com,.internal`,
    });
  });

  it('should be told to functions that are inside, but never for AWS', () => {
    expect(functionEnvironment({ ...EXISTING, ...PROXY, functionsInVpc: 'enabled' })).toMatchObject({
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: PROXY.httpProxy,
      NO_PROXY: { 'Fn::Sub': `${LOCAL},github.example.com,.internal,.\${AWS::URLSuffix}` },
    });
  });

  it('should be told to nobody who has no use for it', () => {
    expect(Object.keys(functionEnvironment({ ...EXISTING, ...PROXY })).join()).not.toMatch(/PROXY/);
    expect(Object.keys(taskEnvironment({})).join()).not.toMatch(/proxy|CA_BUNDLE/);
  });

  // What the functions' environment relies on: Node's own fetch keeps to it, and the SDK's agents do not.
  it('should be used by fetch, and not by the SDK', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url = '' }, socket) => {
      asked.push(url);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const code = `const { SSMClient, GetParametersCommand } = await import('@aws-sdk/client-ssm');
      const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
      await fetch('https://api.github.invalid/').catch(() => {});
      await fetch('https://github.example.invalid/').catch(() => {});
      await new SSMClient({ region: 'us-east-1', maxAttempts: 1, credentials, endpoint: 'https://ssm.invalid' })
        .send(new GetParametersCommand({ Names: ['a'] })).catch(() => {});`;
    const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const env = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY, NO_PROXY: '.example.invalid' };
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT, env });
    await new Promise((resolve) => child.once('close', resolve));
    proxy.close();
    expect(asked).toEqual(['api.github.invalid:443']);
  }, 300_000);
});

describe('a bundle of authorities', () => {
  it('should reach tasks in their definition, and functions in their archive', async () => {
    const { directory } = await packageService({ parameters: VARIANTS['private, everything on'] });
    for (const name of ['webhook', 'reconcile', 'settle', 'sweep'])
      expect((await readZip(path.join(directory, `${name}.zip`), 'dist/ca-bundle.pem')).trim()).toBe(PEM);
    const file = functionEnvironment({ caBundle: AUTHORITY });
    expect(file).toMatchObject({ NODE_EXTRA_CA_CERTS: '/var/task/dist/ca-bundle.pem' });
    expect(taskEnvironment({ caBundle: AUTHORITY })).toMatchObject({ ONESHOT_CA_BUNDLE: PEM });
    expect(functionEnvironment({})).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
  }, 300_000);

  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-authorities-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (text: string): string => {
    const name = path.join(folder, 'given.pem');
    writeFileSync(name, text);
    return name;
  };
  const problemOf = (caBundle: string): string =>
    findProblems(parametersWith({ caBundle }), { stack: 'oneshot-dev', region: 'us-east-1' }).join();

  it('should be certificates and nothing else that is in the file', () => {
    const given = file(
      `# ours\r\n${PEM}\n-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n${PEM}`,
    );
    expect(problemOf(given)).toBe('');
    expect(readParameters(parametersWith({ caBundle: given })).caBundle).toBe(`${PEM}\n${PEM}`);
  });

  it('should be refused where it is none, with the fix', () => {
    expect(problemOf('nowhere.pem')).toMatch(
      /^caBundle: "nowhere.pem" .*no such file.*folder of runners.yml/,
    );
    expect(problemOf(file('no certificate'))).toMatch(/no certificates.*in PEM form/);
    const damaged = PEM.replace('MII', 'XXX');
    expect(problemOf(file(`${PEM}\n${damaged}`))).toMatch(/one that cannot be read/);
    expect(problemOf(file(`${PEM}\n`.repeat(20)))).toMatch(/room for 16384; give only your own/);
  });
});
