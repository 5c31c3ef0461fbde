import { fail, judged, link, ok, tried, warn } from '../link.ts';

const TIMEOUT_MS = 15_000;

/** Empty and marked: the function notes it as ours, and nothing that is forged can pass for it. */
const WEBHOOK_ANSWER = tried(({ webhookUrl }) =>
  post(webhookUrl, { 'x-oneshot-probe': 'doctor', 'x-github-event': 'ping' }, ''),
);

export const webhook = link({
  id: 'webhook',
  title: 'the webhook answers',
  tries: 'a POST without a signature, which it must refuse',
  needs: ['functions', 'parameters'],
  reads: { webhookAnswer: WEBHOOK_ANSWER },
  judge: ({ webhookAnswer }) =>
    judged(webhookAnswer, 'check that the stack is deployed and has its API', ({ status, message }) => {
      if (status === 401) return ok('it refuses a request without a signature');
      if (status === 429)
        return warn(
          `${status}: ${message}`,
          'the API is throttled: raise webhookRateLimit, or find out who floods it',
        );
      const fix =
        status === 503 ? 'see the message; the log of the webhook function has the cause' : 'deploy again';
      return fail(`${status}: ${message}`, fix);
    }),
});

/** Sends what changes nothing. */
export async function post(url: string, headers: Readonly<Record<string, string>>, body: string) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'oneshot-doctor', ...headers },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { message = '' } = Object(await answer.json().catch(() => ({}))) as { message?: string };
  return { status: answer.status, message };
}
