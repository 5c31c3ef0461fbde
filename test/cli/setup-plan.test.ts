import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Facts } from '../../cli/doctor/links/index.ts';
import { redeem } from '../../cli/setup/apply.ts';
import { judge, newFileUrl } from '../../cli/setup/first-job.ts';
import { nextStep } from '../../cli/setup/plan.ts';

const read = <T>(value: T) => ({ kind: 'read', value }) as const;
const installed = (account: string) => ({
  ...{ id: 1, account, isOrganization: true, isSuspended: false, permissions: {}, repositories: [] },
});
const seen: Pick<
  Facts,
  'parameters' | 'privateKey' | 'app' | 'hook' | 'installations' | 'webhookUrl' | 'parameterPath'
> = {
  parameters: read(new Set(['app-id', 'private-key', 'webhook-secret'])),
  privateKey: 'sound',
  app: read({ slug: 'oneshot', path: '/apps/oneshot', owner: 'acme', permissions: {}, events: [] }),
  hook: read({ url: 'https://here', contentType: 'json', hasSecret: true }),
  installations: read([installed('acme')]),
  ...{ webhookUrl: 'https://here', parameterPath: '/oneshot/dev/github' },
};

describe('the next step', () => {
  it.each<[Partial<typeof seen>, string]>([
    [{}, 'done'],
    [{ parameters: read(new Set(['app-id'])) }, 'make-app'],
    [{ parameters: { kind: 'failed', problem: 'denied' } }, 'stuck'],
    [{ privateKey: 'unreadable' }, 'stuck'],
    [{ app: { kind: 'failed', problem: '401' } }, 'stuck'],
    [{ hook: read({ url: 'https://there', contentType: 'json', hasSecret: true }) }, 'set-hook'],
    [{ hook: read({ url: 'https://here', contentType: 'form', hasSecret: true }) }, 'set-hook'],
    [{ installations: read([]) }, 'install'],
    [{ installations: read([installed('globex')]) }, 'install'],
    [{ installations: read([installed('globex'), installed('Acme')]) }, 'done'],
    [{ installations: read([{ ...installed('acme'), isSuspended: true }]) }, 'stuck'],
    [{ installations: { kind: 'failed', problem: '502' } }, 'stuck'],
  ])('should follow from what is there: %j', (changes, kind) => {
    expect(nextStep({ ...seen, ...changes }).kind).toBe(kind);
  });

  it('should be to install on the account that somebody named, and not on the App’s owner', () => {
    const step = nextStep(seen, { account: 'globex' });
    expect(step).toMatchObject({ kind: 'install', account: 'globex', path: '/apps/oneshot' });
  });
});

describe('another App that somebody names', () => {
  const failed = { kind: 'failed', problem: '401' } as const;
  it.each<[string, Partial<typeof seen>, string]>([
    ['5', {}, 'make-app'],
    ['4', {}, 'done'],
    ['4', { privateKey: 'unreadable' }, 'make-app'],
    ['4', { app: failed }, 'make-app'],
  ])('should take the place of App 4 where that is not it, or of no use: %s, %j', (appId, changes, kind) => {
    expect(nextStep({ ...seen, ...changes }, { appId, storedAppId: '4' }).kind).toBe(kind);
  });
});

describe('the first job', () => {
  it.each([
    [undefined, 'none', undefined],
    [{ status: 'queued', conclusion: null, runner: null }, 'waiting', 'the job is queued'],
    [{ status: 'in_progress', conclusion: null, runner: 'r1' }, 'waiting', 'the job runs on r1'],
    [
      { status: 'completed', conclusion: 'success', runner: 'r1' },
      'green',
      'the job is green; it ran on r1: U',
    ],
    [
      { status: 'completed', conclusion: 'cancelled', runner: null },
      'failed',
      'the job ended with cancelled: U',
    ],
  ])('should be judged by what GitHub shows: %j', (job, kind, line) => {
    expect(judge(job && { ...job, url: 'U' })).toMatchObject({ kind, ...(line && { line }) });
  });

  it('should stand ready in GitHub’s editor, for the label of the policy', () => {
    const url = new URL(
      newFileUrl('https://github.com', { fullName: 'acme/web', branch: 'release/1' }, 'ours'),
    );
    expect(url.pathname).toBe('/acme/web/new/release/1');
    expect(url.searchParams.get('filename')).toBe('.github/workflows/oneshot.yml');
    const { on, jobs } = parse(url.searchParams.get('value') ?? '');
    expect(on.push.paths).toEqual(['.github/workflows/oneshot.yml']);
    expect(jobs.hello['runs-on']).toBe('ours');
  });
});

/** A GitHub that answers this to everything. */
async function gitHubThat(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('the code that GitHub gives for an App', () => {
  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['says nothing', () => undefined, /no answer from 127.0.0.1:\d+ within 0.2 s/],
    ['knows no such code', (response) => response.writeHead(404).end('{}'), /status 404/],
    [
      'answers something else',
      (response) => response.end('<html>'),
      /status 200 without the fields of an App/,
    ],
    ['hangs up', (response) => response.destroy(), /no answer from/],
  ])('should be said to be lost, with the fix, where GitHub %s', async (_, answer, words) => {
    const { url, server } = await gitHubThat(answer);
    const redeemed = redeem(url, 'a-code', 200);
    await expect(redeemed).rejects.toMatchObject({
      ...{ name: 'CliError', exitCode: 3, message: expect.stringMatching(words) },
      fix: expect.stringContaining('run oneshot setup again'),
    });
    server.closeAllConnections();
    server.close();
  });
});
