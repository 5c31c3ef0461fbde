import { describe, expect, it } from 'vitest';
import { appManifest } from '../../cli/setup/manifest.ts';

const manifest = (...scopes: readonly ('organization' | 'repository')[]) => manifestFor(scopes, false);

const manifestFor = (scopes: readonly ('organization' | 'repository')[], rerunsLostJobs: boolean) =>
  appManifest({
    name: 'oneshot',
    webhookUrl: 'https://hook.example.com/webhook',
    redirectUrl: 'http://127.0.0.1:1',
    scopes: new Set(scopes),
    rerunsLostJobs,
  });

describe('the App that setup asks for', () => {
  it('should be private: nobody else can install it', () => {
    expect(manifest('organization')).toMatchObject({ public: false });
  });

  it('should administer no repository where runners register at the organisation', () => {
    expect(manifest('organization')).toMatchObject({
      default_permissions: {
        actions: 'read',
        metadata: 'read',
        organization_self_hosted_runners: 'write',
      },
    });
    expect(manifest('organization')).not.toHaveProperty('default_permissions.administration');
    expect(manifest('repository')).toHaveProperty('default_permissions.administration', 'write');
    expect(manifest('organization', 'repository')).toMatchObject({
      default_permissions: { organization_self_hosted_runners: 'write', administration: 'write' },
    });
  });

  it('should write to Actions only where runs are started again', () => {
    expect(manifestFor(['organization'], true).default_permissions).toEqual({
      actions: 'write',
      deployments: 'read',
      metadata: 'read',
      organization_self_hosted_runners: 'write',
    });
  });
});
