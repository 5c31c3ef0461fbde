import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';
import type { Ledger } from '../world/ledger.ts';
import type { Account } from './account/account.ts';
import { authorizeDeployer } from './iam/deployer.ts';
import type { AwsCall, Deployment } from './iam/needs.ts';
import type { Keyring, Principal } from './keyring.ts';
import { authorize } from './policy.ts';
import type { Service } from './service.ts';
import { type SignedRequest, type Verified, verifySignature } from './sigv4.ts';

export interface ServerParts {
  readonly services: readonly Service[];
  readonly keyring: Keyring;
  readonly region: string;
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly account: Account;
  readonly deployment: Deployment;
  readonly onCall: (call: AwsCall) => void;
  /** What a task reads on the link-local address: its credentials, its metadata. Undefined: 404. */
  readonly taskEndpoint: (path: string) => unknown;
}

export type App = { Bindings: HttpBindings };

export async function signedRequest(context: Context<App>): Promise<SignedRequest> {
  const { method = '', url = '/', headers } = context.env.incoming;
  return { method, url, headers, body: new Uint8Array(await context.req.arrayBuffer()) };
}

/** Services whose signature has another name than their permissions. */
const SIGNED_AS: Readonly<Record<string, string>> = { cloudwatch: 'monitoring' };

/** Throws AwsError unless the request is signed by somebody who may make this call. */
export async function admit(
  request: SignedRequest,
  api: string,
  operation: string,
  { region, keyring, clock, account }: ServerParts,
): Promise<Verified> {
  const service = SIGNED_AS[api] ?? api;
  const verified = await verifySignature(request, { region, service }, keyring, clock);
  authorize(verified.key.principal, api, operation, account.denied);
  return verified;
}

/** Tells of a call, and refuses what its input shows that the caller may not do. Throws AwsError. */
export function takeCall(
  caller: Principal,
  call: Omit<AwsCall, 'principal'>,
  { account, deployment, onCall }: ServerParts,
): void {
  const known = { ...call, principal: caller.arn };
  onCall(known);
  if (caller.kind === 'deployer') authorizeDeployer(caller, known, account.deployerPolicy, deployment);
}
