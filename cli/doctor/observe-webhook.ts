import { createHmac, randomUUID } from 'node:crypto';
import type { GitHubApp } from '../../functions/github/app.ts';
import { listDeliveries } from '../../functions/github/deliveries.ts';
import type { WebhookAnswer, WebhookFacts } from './facts.ts';
import type { Stored } from './observe-app.ts';
import { type Look, type Read, tried } from './read.ts';

const HOUR_MS = 3_600_000;
const TIMEOUT_MS = 15_000;

/** How the webhook answers us, and how it answered GitHub. */
export async function observeWebhook(
  webhookUrl: string,
  stored: Read<Stored>,
  app: GitHubApp | undefined,
  nowMs: number,
): Promise<WebhookFacts> {
  const secret = stored.kind === 'read' ? stored.value.get('webhook-secret') : undefined;
  const [webhookAnswer, signedAnswer, deliveries] = await Promise.all([
    tried(() => post(webhookUrl, {})),
    askSigned(webhookUrl, secret),
    tried(async () => {
      if (app === undefined) throw new Error('no App to ask as');
      const all = await listDeliveries(app, nowMs - HOUR_MS);
      return all.filter(({ event }) => event === 'workflow_job');
    }),
  ]);
  return { webhookAnswer, signedAnswer, deliveries };
}

const BODY = JSON.stringify({ zen: 'oneshot doctor' });

/** A ping, as GitHub sends one when a webhook is made: it changes nothing. */
function askSigned(url: string, secret: string | undefined): Promise<Look<WebhookAnswer>> {
  if (secret === undefined) return Promise.resolve({ kind: 'unseen', because: 'no secret is stored' });
  const signature = `sha256=${createHmac('sha256', secret).update(BODY).digest('hex')}`;
  return tried(() =>
    post(url, {
      'x-github-event': 'ping',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': signature,
    }),
  );
}

async function post(url: string, headers: Readonly<Record<string, string>>): Promise<WebhookAnswer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'oneshot-doctor', ...headers },
    body: BODY,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { message = '' } = Object(await answer.json().catch(() => ({}))) as { message?: string };
  return { status: answer.status, message };
}
