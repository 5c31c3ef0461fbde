import type { Deployment } from '../deployment.ts';
import { createLook } from '../doctor/link.ts';
import { APP } from '../doctor/links/app.ts';
import { INSTALLATIONS } from '../doctor/links/installation.ts';
import type { Output } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { setHook } from '../setup/apply.ts';
import { nextStep, SETUP_READS } from '../setup/plan.ts';
import { type Approval, approvalsOf } from './approvals.ts';

/** What an owner must approve at GitHub for this version. Where GitHub cannot be asked, that is told. */
export async function lookAtApp(deployment: Deployment, output: Output): Promise<readonly Approval[]> {
  const { app, installations } = await createLook(deployment)({ app: APP, installations: INSTALLATIONS });
  if (app.kind === 'read' && installations.kind === 'read')
    return approvalsOf(app.value, installations.value, await readPolicy(), deployment.githubWebUrl);
  const problem =
    app.kind === 'failed' ? app.problem : installations.kind === 'failed' ? installations.problem : '';
  output.tell(`GitHub was not asked what the App may do: ${problem}`);
  return [];
}

/** What set-up would put right after a deployment: the address in the App's webhook. */
export async function pointHookHere(deployment: Deployment, output: Output): Promise<void> {
  const step = nextStep(await createLook(deployment)(SETUP_READS));
  if (step.kind === 'set-hook') {
    output.tell(`pointing the App's webhook here: ${step.because}`);
    await setHook(deployment);
  } else if (step.kind !== 'done') output.tell('the App is not complete: run oneshot setup');
}
