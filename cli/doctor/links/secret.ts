import { createHmac, randomUUID } from 'node:crypto';
import { after, fail, judged, type Look, link, ok, type Reading, tried } from '../link.ts';
import { storedValue } from './parameters.ts';
import { post } from './webhook.ts';

const PING = JSON.stringify({ zen: 'oneshot doctor' });

/** A ping, as GitHub sends one when a webhook is made. */
const SECRET: Reading<Look<string>> = async (_, ask) => {
  const secret = await ask(storedValue('webhook-secret'));
  return secret === '' ? { kind: 'unseen', because: 'no secret is stored' } : { kind: 'read', value: secret };
};

const SIGNED_ANSWER = after(SECRET, (secret) =>
  tried(({ webhookUrl }) =>
    post(
      webhookUrl,
      {
        'x-github-event': 'ping',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(PING).digest('hex')}`,
      },
      PING,
    ),
  ),
);

export const secret = link({
  id: 'secret',
  title: 'the webhook accepts what is signed with the stored secret',
  tries: 'a ping that is signed with webhook-secret',
  needs: ['webhook'],
  reads: { signedAnswer: SIGNED_ANSWER },
  judge: ({ signedAnswer }) =>
    judged(signedAnswer, 'run it again; the webhook answered a moment ago', ({ status, message }) =>
      status === 200
        ? ok('it answers a signed ping')
        : fail(
            `${status}: ${message}`,
            status === 401
              ? 'the functions hold another secret: they read a changed one within five minutes'
              : 'the log of the webhook function has the cause',
          ),
    ),
});
