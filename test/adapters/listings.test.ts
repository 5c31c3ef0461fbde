import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listDeliveries, redeliver } from '../../functions/github/deliveries.ts';
import { listRegistrations } from '../../functions/github/runners.ts';
import { listRepositories, listScopes } from '../../functions/github/scopes.ts';
import { wholeOf } from '../../functions/kit/partial-listing.ts';
import { POLICY } from '../fixtures/policy.ts';
import { type Answer, type Asked, type FakeGitHub, pageOf, startFakeGitHub } from './fake-github.ts';

let github: FakeGitHub;
beforeEach(async () => {
  github = await startFakeGitHub();
});
afterEach(() => github.close());

const installation = (id: number, login: string, more: object = {}) => ({
  ...{ id, account: { login, type: 'Organization' }, suspended_at: null },
  ...more,
});
const repository = (id: number, name: string, more: object = {}) => ({
  ...{ id, name, private: true, archived: false, disabled: false },
  ...more,
});
/** Installations, and what each one lists, by its id. */
const serve = (
  installations: readonly unknown[],
  repositoriesOf: (id: number) => readonly unknown[] | Answer,
  delayMs = 5,
) => {
  github.answer = ({ path, token, query }: Asked) => {
    if (path === '/app/installations') return { body: pageOf(installations, query) };
    const repositories = repositoriesOf(Number(token.split('_')[1]));
    return 'length' in repositories
      ? { body: { repositories: pageOf(repositories, query) }, delayMs }
      : repositories;
  };
};
const policyOf = (...repositories: string[]) => ({
  ...POLICY,
  allow: { repositories, publicRepositories: [] },
});

describe('the repositories that are served', () => {
  it('should be those of the other installations where one cannot be read', async () => {
    serve([installation(1, 'acme'), installation(2, 'umbrella'), installation(3, 'hooli')], (id) =>
      id === 2 ? { status: 403, body: { message: 'suspended' } } : [repository(id * 10, `web-${id}`)],
    );
    const policy = policyOf('acme/*', 'umbrella/*', 'hooli/*');
    const found = await listRepositories(github.app, policy);
    expect(found.items.map(({ owner, name }) => `${owner}/${name}`)).toEqual(['acme/web-1', 'hooli/web-3']);
    expect(found.errors.map(({ message }) => message)).toEqual([
      'github list repositories of umbrella: suspended (status 403)',
    ]);
    expect(() => wholeOf(found)).toThrow('umbrella');
    const scopes = await listScopes(github.app, { ...policy, scope: 'repository' });
    expect(scopes.items.map(({ scope }) => scope)).toEqual(['repos/acme/web-1', 'repos/hooli/web-3']);
    expect(scopes.errors).toHaveLength(1);
  });

  it('should be where each one’s rule registers its runners', async () => {
    serve([installation(1, 'acme'), installation(2, 'hooli')], (id) => [
      repository(id, 'web'),
      repository(id + 10, 'api'),
    ]);
    const policy = policyOf('acme/*', 'hooli/*');
    const rule = { ...policy, repositories: ['acme/api'], scope: 'repository' } as const;
    const scopesWith = async (changes: object) =>
      wholeOf(await listScopes(github.app, { ...policy, ...changes })).map(({ scope }) => scope);
    expect(await scopesWith({ rules: [rule] })).toEqual(['orgs/acme', 'repos/acme/api', 'orgs/hooli']);
    const whole = { ...rule, scope: 'organization' };
    expect(await scopesWith({ rules: [whole], scope: 'repository' })).toEqual([
      ...['orgs/acme', 'repos/acme/web', 'repos/hooli/web', 'repos/hooli/api'],
    ]);
  });

  it('should be asked for by ten installations at once', async () => {
    const all = Array.from({ length: 150 }, (_, index) => installation(index + 1, `org-${index}`));
    // So slow that ten are on their way together, also on a machine that is loaded.
    serve(all, (id) => [repository(id, 'web')], 100);
    const found = await listRepositories(
      github.app,
      policyOf(...all.map(({ account }) => `${account.login}/*`)),
    );
    expect(wholeOf(found)).toHaveLength(150);
    expect(github.mostAtOnce).toBe(10);
  });

  it('should be no archived and no disabled ones', async () => {
    const archived = repository(2, 'old', { archived: true });
    serve([installation(1, 'acme')], () => [
      repository(1, 'web'),
      archived,
      repository(3, 'shut', { disabled: true }),
    ]);
    expect((await listRepositories(github.app, policyOf('acme/*'))).items.map(({ name }) => name)).toEqual([
      'web',
    ]);
  });

  it('should be known without the records that are not of the documented form, which are counted', async () => {
    serve([null, { id: 'x' }, installation(1, 'acme'), { ...installation(2, ''), account: null }], () => [
      ...[{}, repository(0, 'zero'), repository(4, '../etc'), repository(5, 'open', { private: undefined })],
    ]);
    const found = await listRepositories(github.app, policyOf('acme/*'));
    expect(found.items).toMatchObject([{ id: 5, isPublic: true }]);
    expect(found).toMatchObject({ errors: [], malformedRecords: 5 });
  });

  it('should not be guessed where the installations cannot be listed', async () => {
    for (const body of [{ message: 'hello' }, '<html></html>']) {
      github.answer = () => ({ body });
      await expect(listRepositories(github.app, policyOf('acme/*'))).rejects.toThrow(
        /^github list installations: the answer is not of the documented form \(status 200/,
      );
    }
  });
});

describe('the registrations of a scope', () => {
  it('should be known without the records that are not of the documented form', async () => {
    const runners = [
      null,
      { id: 1, name: null },
      { id: 2, name: 'oneshot-a', status: 'offline', busy: false },
    ];
    github.answer = () => ({ body: { runners } });
    const account = { owner: 'acme', ownerType: 'Organization', installationId: 7 } as const;
    const where = { account, scope: 'orgs/acme' } as const;
    expect(await listRegistrations(github.app, where, (name) => name.startsWith('oneshot'))).toEqual([
      { ...where, runnerId: 2, runnerName: 'oneshot-a', online: false },
    ]);
  });
});

describe('the App’s deliveries', () => {
  const delivery = (id: number, more: object = {}) => ({
    ...{ id, guid: `guid-${id}`, delivered_at: '2026-11-23T10:00:00Z', redelivery: false, status_code: 502 },
    ...{ event: 'workflow_job', action: 'queued', repository_id: 11, installation_id: 7 },
    ...more,
  });

  it('should say of which repository and of which installation they are', async () => {
    const body = [delivery(1), delivery(2, { repository_id: null, installation_id: null, action: null })];
    github.answer = () => ({ body });
    expect(await listDeliveries(github.app, 0)).toEqual([
      {
        ...{ id: '1', guid: 'guid-1', deliveredAtMs: Date.UTC(2026, 10, 23, 10), isRedelivery: false },
        ...{ statusCode: 502, event: 'workflow_job', action: 'queued', repositoryId: 11, installationId: 7 },
      },
      expect.objectContaining({ action: undefined, repositoryId: undefined, installationId: undefined }),
    ]);
  });

  it('should keep the last of nineteen digits, and be told apart by them', async () => {
    const text = JSON.stringify([delivery(1)]).replace('"id":1', '"id":1234567890123456789');
    github.answer = () => ({ body: text, headers: { 'content-type': 'application/json' } });
    expect((await listDeliveries(github.app, 0)).map(({ id }) => id)).toEqual(['1234567890123456789']);
  });

  it('should be known without the records that are not of the documented form', async () => {
    const bad = [null, {}, delivery(0), delivery(1, { guid: null }), delivery(2, { delivered_at: 'soon' })];
    const more = [
      delivery(3, { status_code: '502' }),
      delivery(4, { event: 7 }),
      delivery(5, { redelivery: null }),
    ];
    github.answer = () => ({ body: [...bad, ...more, delivery(6)] });
    expect((await listDeliveries(github.app, 0)).map(({ id }) => id)).toEqual(['6']);
  });

  it('should be followed past a page of bad records, and no further than to the time that is asked for', async () => {
    const link = (path: string) => ({ link: `<https://x${path}?cursor=v1_2>; rel="next"` });
    github.answer = ({ query, path }) =>
      query.has('cursor')
        ? { body: [delivery(2), delivery(3, { delivered_at: '2026-11-20T10:00:00Z' })], headers: link(path) }
        : { body: [null], headers: link(path) };
    const sinceMs = Date.UTC(2026, 10, 22);
    expect((await listDeliveries(github.app, sinceMs)).map(({ id }) => id)).toEqual(['2']);
    expect(github.asked).toHaveLength(2);
  });

  it('should be no list where the body is none', async () => {
    github.answer = () => ({ body: {} });
    await expect(listDeliveries(github.app, 0)).rejects.toThrow(
      /list deliveries: the answer is not of the documented/,
    );
  });

  it('should be listed and sent again for no longer than there is time', async () => {
    github.answer = () => ({ delayMs: 10_000, body: [] });
    await expect(listDeliveries(github.app, 0, AbortSignal.timeout(1_000))).rejects.toMatchObject({
      name: 'ServiceError',
    });
    await expect(redeliver(github.app, '12', AbortSignal.timeout(1_000))).rejects.toMatchObject({
      name: 'ServiceError',
    });
    expect(github.asked.map(({ path }) => path)).toEqual([
      '/app/hook/deliveries',
      '/app/hook/deliveries/12/attempts',
    ]);
  });
});
