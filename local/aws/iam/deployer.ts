import { readFileSync } from 'node:fs';
import path from 'node:path';
import { accessDenied } from '../errors.ts';
import type { Principal } from '../keyring.ts';
import { decide, type Statement } from './evaluate.ts';
import { type AwsCall, type Deployment, needsOf } from './needs.ts';

const INFRA = path.join(import.meta.dirname, '../../../infra');

/** A policy of the guide (docs/deploy.md), by its file. */
export function readInfraPolicy(file: string): readonly Statement[] {
  return JSON.parse(readFileSync(path.join(INFRA, file), 'utf8')).Statement;
}

/** Refuses, in IAM's words, a call of which the statements do not allow every part. */
export function authorizeDeployer(
  caller: Principal,
  call: AwsCall,
  statements: readonly Statement[],
  deployment: Deployment,
): void {
  for (const asked of needsOf(call, deployment)) {
    const decision = decide(statements, asked);
    const { action, resource } = asked;
    if (decision !== 'allowed') throw accessDenied(caller.arn, action, resource, { api: call.api, decision });
  }
}
