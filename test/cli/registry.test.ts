import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInRegistry, readImageName } from '../../cli/doctor/registry.ts';

describe('an image’s name', () => {
  it.each([
    ['ghcr.io/actions/actions-runner:2.336.0', 'ghcr.io', 'actions/actions-runner', '2.336.0'],
    ['ubuntu', 'registry-1.docker.io', 'library/ubuntu', 'latest'],
    ['acme/runner:v1', 'registry-1.docker.io', 'acme/runner', 'v1'],
    ['localhost:5000/runner', 'localhost:5000', 'runner', 'latest'],
    [`ghcr.io/a/b:1@sha256:${'0'.repeat(64)}`, 'ghcr.io', 'a/b', `sha256:${'0'.repeat(64)}`],
  ])('should be read: %s', (name, registry, repository, reference) => {
    expect(readImageName(name)).toEqual({ registry, repository, reference });
  });
});

describe('a registry', () => {
  const app = new Hono();
  const server = createAdaptorServer({ fetch: app.fetch });
  let host = '';
  beforeAll(async () => {
    const token = 'for anybody';
    app.get('/v2/acme/:name/manifests/:tag', (c) => {
      const { name, tag } = c.req.param();
      if (name === 'secret') return c.body(null, 401, { 'www-authenticate': 'Basic realm="x"' });
      const challenge = `Bearer realm="http://${host}/token",service="test",scope="repository:acme/${name}:pull"`;
      if (c.req.header('authorization') !== `Bearer ${token}`)
        return c.body(null, 401, { 'www-authenticate': challenge });
      return c.body(null, tag === '1' ? 200 : 404);
    });
    app.get('/token', (c) =>
      c.req.query('scope') === 'repository:acme/runner:pull' ? c.json({ token }) : c.json({}, 400),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  it.each([
    ['acme/runner:1', true],
    ['acme/runner:2', false],
    ['acme/secret:1', undefined],
  ])('should be asked without an account, by its token: %s', async (name, isThere) => {
    expect(await isInRegistry(`${host}/${name}`)).toBe(isThere);
  });
});
