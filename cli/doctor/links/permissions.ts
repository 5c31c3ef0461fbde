import type { Policy } from '../../../functions/core/job/policy.ts';
import { scopesIn } from '../../../functions/core/job/rules.ts';
import { fail, judged, link, ok, type Read } from '../link.ts';
import { APP, settingsOf } from './app.ts';
import { POLICY } from './policy.ts';

export const permissions = link({
  id: 'permissions',
  title: 'the App has the permissions that it needs',
  tries: 'the permissions in the answer to GET /app',
  needs: ['app', 'policy'],
  reads: { app: APP, policy: POLICY },
  judge: ({ app, policy }) =>
    judged(app, '', ({ permissions: granted }) => {
      const missing = missingOf(granted, policy);
      return missing.length === 0
        ? ok(Object.keys(neededOf(policy)).join(', '))
        : fail(
            `missing: ${missing.join(', ')}`,
            `grant it in ${settingsOf(app)} (Permissions), and accept it at the installation`,
          );
    }),
});

const neededOf = (policy: Read<Policy>): Readonly<Record<string, string>> => {
  const scopes = policy.kind === 'read' ? scopesIn(policy.value) : new Set(['repository']);
  return {
    ...(scopes.has('organization') && { organization_self_hosted_runners: 'write' }),
    ...(scopes.has('repository') && { administration: 'write' }),
    // Only those who have runs started again are asked for more.
    ...(policy.kind === 'read' && policy.value.spot.rerun === 'once'
      ? { actions: 'write', deployments: 'read' }
      : { actions: 'read' }),
  };
};

export const missingOf = (granted: Readonly<Record<string, string>>, policy: Read<Policy>): string[] =>
  Object.entries(neededOf(policy))
    .filter(([name, level]) => ![level, 'write', 'admin'].includes(granted[name] ?? ''))
    .map(([name, level]) => `${name}: ${level}`);
