import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { approvalsOf } from '../../cli/upgrade/approvals.ts';
import { changesSince, isOlder } from '../../cli/upgrade/changelog.ts';
import { parseRunnersConfig } from '../../functions/runners-config.ts';

const CHANGELOG = `# Changelog

All notable changes.

## [Unreleased]

### Added

- **A thing** with [a link](https://example.com).

## [0.2.0] - 2026-12-01

- Second.

## [0.1.0] - 2026-11-01

- First.
`;

describe('what the changelog says since a version', () => {
  it('should be what is newer than it, as one reads it', () => {
    expect(changesSince(CHANGELOG, '0.1.0')).toBe(
      'Unreleased\n\nAdded\n\n- A thing with a link.\n\n0.2.0 - 2026-12-01\n\n- Second.',
    );
  });

  it('should be all of it where the version is not known, and what is not released where it is the newest', () => {
    expect(changesSince(CHANGELOG, undefined)).toContain('- First.');
    expect(changesSince(CHANGELOG, '0.2.0')).toBe('Unreleased\n\nAdded\n\n- A thing with a link.');
  });

  it('should be nothing where nothing stands there', () => {
    expect(changesSince('# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\n- First.\n', '0.1.0')).toBe('');
    expect(changesSince('', '0.1.0')).toBe('');
  });
});

describe('a version', () => {
  it.each([
    ['0.1.0', '0.2.0', true],
    ['0.9.0', '0.10.0', true],
    ['1.0.0', '0.9.9', false],
    ['0.1.0', '0.1.0', false],
    ['of a test', '0.1.0', false],
  ])('should be known as older: %s than %s', (one, other, is) => {
    expect(isOlder(one, other)).toBe(is);
  });
});

describe('what an owner must approve at GitHub', () => {
  const policy = parseRunnersConfig(readFileSync('runners.yml', 'utf8'));
  const permissions = { actions: 'read', metadata: 'read', organization_self_hosted_runners: 'write' };
  const app = {
    slug: 'runners',
    path: '/apps/runners',
    owner: 'acme',
    permissions,
    events: ['workflow_job'],
  };
  const installed = { id: 7, isOrganization: true, isSuspended: false, permissions, repositories: [] };
  const acme = { ...installed, account: 'acme' };
  const { actions: _, ...fewer } = permissions;
  const needed = (...[one, all]: [typeof app | object, (typeof acme)[]]) =>
    approvalsOf({ ...app, ...one }, all, policy, 'https://github.com');

  it('should be nothing where the App has what this version needs', () => {
    expect(needed(app, [acme])).toEqual([]);
  });

  it('should be what the App lacks, on the page of its permissions', () => {
    const where = 'https://github.com/organizations/acme/settings/apps/runners/permissions';
    expect(needed({ permissions: fewer, events: [] }, [acme])).toEqual([
      { what: 'grant the App runners the permission actions: read', where },
      { what: 'subscribe the App runners to the event workflow_job', where },
    ]);
    const mona = { ...acme, account: 'acme', isOrganization: false };
    expect(needed({ events: [] }, [mona])[0]?.where).toBe(
      'https://github.com/settings/apps/runners/permissions',
    );
  });

  it('should be what an installation has not accepted, on its own page', () => {
    const globex = { ...acme, id: 9, account: 'globex', permissions: fewer as typeof permissions };
    expect(needed(app, [acme, globex])).toEqual([
      {
        what: 'an owner of globex accepts actions: read',
        where: 'https://github.com/organizations/globex/settings/installations/9',
      },
    ]);
    expect(needed(app, [{ ...globex, isSuspended: true }])).toEqual([]);
  });
});
