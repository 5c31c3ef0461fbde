import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, it } from 'vitest';
import { readRunnerLimits } from '../../infra/runners.ts';
import { isRun, rowsOf, testsIn, titlesIn } from '../fixtures/named-tests.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const guide = readFileSync(path.join(ROOT, 'docs/jobs.md'), 'utf8');
const rows = rowsOf(guide);

describe('the page for authors of workflows', () => {
  it('should say of each thing what it is like here, and where that is from', () => {
    expect(rows.length).toBeGreaterThanOrEqual(18);
    for (const row of rows) {
      const [what = '', here = '', , from = ''] = row;
      expect(row, what).toHaveLength(4);
      expect([what, here, from], what).not.toContain('');
      if (/^\[[^\]]+\]\(https:\/\/\S+\)$/.test(from)) continue;
      for (const { file, title } of testsIn(from)) {
        expect(file, `${what}: ${from}`).not.toBe('');
        expect(titlesIn(file), what).toContain(title);
        expect(isRun(file), file).toBe(true);
      }
    }
  });

  it('should have short cells', () => {
    for (const [what = '', here = '', write = ''] of rows)
      for (const cell of [what, here, write]) expect(cell.length, cell).toBeLessThanOrEqual(70);
  });

  it('should tell the hours that runners.yml gives', () => {
    const { maximumAgeSeconds } = readRunnerLimits(path.join(ROOT, 'runners.yml'));
    expect(guide).toContain(`${Number(maximumAgeSeconds) / 3600} hours unless set`);
    expect(guide).toContain(`| ${Number(maximumAgeSeconds) / 3600}, or what`);
  });
});

describe('the role for the caches of one repository', () => {
  const [permissions = '', trust = ''] = [...guide.matchAll(/```json\n(.*?)```/gs)].map(
    ([, json = '']) => json,
  );
  const BUCKET = 'arn:aws:s3:::oneshot-prod-cachebucket-1abc2def3ghi';

  async function isAllowed(action: string, resource: string, prefix?: string): Promise<boolean> {
    const answer = await runSimulation(
      {
        request: {
          principal: 'arn:aws:sts::123456789012:assumed-role/cache-acme-web/GitHubActions',
          action,
          resource: { resource, accountId: '123456789012' },
          contextVariables: prefix === undefined ? {} : { 's3:prefix': prefix },
        },
        identityPolicies: [{ name: 'cache', policy: JSON.parse(permissions) }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors));
    return answer.overallResult === 'Allowed';
  }

  it.each([
    ['s3:GetObject', 'cache/acme/web/0f/npm', true],
    ['s3:PutObject', 'cache/acme/web/0f/npm', true],
    ['s3:PutObject', 'cache/acme/api/0f/npm', false],
    ['s3:GetObject', 'cache/acme/web2/0f/npm', false],
    ['s3:DeleteObject', 'cache/acme/web/0f/npm', false],
  ])('should be let %s of %s: %s', async (action, key, isLet) => {
    expect(await isAllowed(action, `${BUCKET}/${key}`)).toBe(isLet);
  });

  it('should find the caches of its repository, and list no other', async () => {
    expect(await isAllowed('s3:ListBucket', BUCKET, 'cache/acme/web/0f/npm-')).toBe(true);
    for (const prefix of ['cache/acme/api/', 'cache/acme/web', '', undefined])
      expect(await isAllowed('s3:ListBucket', BUCKET, prefix)).toBe(false);
  });

  it('should be taken by jobs of this repository only', () => {
    expect(JSON.parse(trust).Statement).toMatchObject([
      {
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
          StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:acme/web:*' },
        },
      },
    ]);
  });
});
