import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for the SDK's chain of credential sources in the bundles (`scripts/build.ts`): Lambda hands its role's
 * keys over in the environment, and the others (SSO, profiles, web identity, IMDS) are a sixth of the bytes.
 */
export const defaultProvider = fromEnv;
