import { RequestError } from '@octokit/request-error';
import type { GitHubFault } from '../core/words/errors.ts';
import { MINT } from './budgets.ts';

export const CREATE_JIT_CONFIG = 'create JIT config';
export const RERUN = 'start a run again';
const MINT_TOKEN = 'mint token';
const FIND_INSTALLATION = 'find installation';

/** The App's private key is not a key: no call was made with it. */
export class UnreadableKeyError extends Error {
  override readonly name = 'UnreadableKeyError';

  constructor(cause: unknown) {
    super('the App’s private key is not a private key in PEM form', { cause });
  }
}

/** What failed: often not the call that was asked for but the token that it needs, or the installation to ask for one. */
export function operationOf(error: unknown, asked: string): string {
  if (error instanceof UnreadableKeyError) return MINT_TOKEN;
  if (!(error instanceof RequestError)) return asked;
  const { url } = error.request;
  if (MINT.test(url)) return MINT_TOKEN;
  return /\/(?:orgs|users)\/[^/]+\/installation$/.test(url) ? FIND_INSTALLATION : asked;
}

/**
 * What has to be corrected, where GitHub's answer tells. A JWT that another App's key signed, or this App's former one, is
 * answered with 401 and "A JSON web token could not be decoded"; one that names no App with 404 and "Integration not found".
 * Sources: octokit/auth-app.js#375, actions/create-github-app-token#76 and #153.
 */
export function faultOf(error: unknown, operation: string): GitHubFault | undefined {
  if (error instanceof UnreadableKeyError) return 'app-key';
  if (!(error instanceof RequestError)) return undefined;
  const { status, message } = error;
  // docs.github.com, Suspending a GitHub App installation.
  if (status === 403 && /suspended/i.test(message)) return 'app-suspended';
  if (operation === CREATE_JIT_CONFIG) return JIT_FAULTS.get(status);
  const isUnread = status === 403 && operation.startsWith('list deployment');
  if (isUnread || isNarrowing(error)) return 'rerun-permission';
  if (/integration not found|'issuer' claim/i.test(message)) return 'app-id';
  if (status === 401 && /json web token/i.test(message)) return 'app-key';
  const asksForApp = operation === MINT_TOKEN || operation === FIND_INSTALLATION;
  return asksForApp && status === 404 ? 'app-not-installed' : undefined;
}

/** A token with more than the installation was granted is refused with 422 (docs.github.com, as `withNarrowToken`). */
const isNarrowing = ({ status, message }: RequestError): boolean =>
  status === 422 && /permissions requested are not granted/i.test(message);

/**
 * GitHub documents 404, 409 and 422 for a JIT config, without their reasons (docs.github.com, Create configuration for a
 * just-in-time runner for an organization); what it may not show it answers with 404, what a token lacks with 403, and so where
 * self-hosted runners are disabled (runs-on#417). That a group which is not there is one of the 404s is not documented.
 */
const JIT_FAULTS: ReadonlyMap<number, GitHubFault> = new Map([
  [403, 'app-permission'],
  [404, 'runner-group'],
]);
