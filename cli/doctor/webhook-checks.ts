import type { DeliveryFact } from '../../functions/core/ports.ts';
import { type Check, fail, judged, ok, type Verdict, warn } from './checks.ts';
import { settingsOf } from './github-checks.ts';

/** From the App's webhook to deliveries that are answered. */
export const WEBHOOK_CHECKS: readonly Check[] = [
  {
    id: 'hook',
    title: 'the App’s webhook is this deployment’s',
    tries: 'GET /app/hook/config',
    needs: ['app'],
    judge: (facts) =>
      judged(
        facts.hook,
        'is the webhook active in the App’s settings?',
        ({ url, contentType, hasSecret }) => {
          if (url !== facts.webhookUrl)
            return fail(`it is ${url || 'not set'}`, `set it to ${facts.webhookUrl} (oneshot setup does)`);
          if (contentType !== 'json')
            return fail(`its content type is ${contentType}`, 'choose application/json');
          return hasSecret ? ok(url) : fail('it has no secret', `set the secret in ${settingsOf(facts)}`);
        },
      ),
  },
  {
    id: 'webhook',
    title: 'the webhook answers',
    tries: 'a POST without a signature, which it must refuse',
    needs: ['functions', 'parameters'],
    judge: ({ webhookAnswer }) =>
      judged(webhookAnswer, 'is the stack deployed, and is its API there?', ({ status, message }) => {
        if (status === 401) return ok('it refuses a request without a signature');
        if (status === 429)
          return warn(
            `${status}: ${message}`,
            'the API is throttled: raise webhookRateLimit, or look who floods it',
          );
        const fix =
          status === 503 ? 'see the message; the log of the webhook function has the cause' : 'deploy again';
        return fail(`${status}: ${message}`, fix);
      }),
  },
  {
    id: 'secret',
    title: 'the webhook takes what is signed with the stored secret',
    tries: 'a ping that is signed with webhook-secret',
    needs: ['webhook'],
    judge: ({ signedAnswer }) =>
      judged(signedAnswer, 'look again; the webhook answered a moment ago', ({ status, message }) =>
        status === 200
          ? ok('it answers a signed ping')
          : fail(
              `${status}: ${message}`,
              status === 401
                ? 'the functions hold another secret: a changed one is taken within five minutes'
                : 'the log of the webhook function has the cause',
            ),
      ),
  },
  {
    id: 'deliveries',
    title: 'deliveries arrive',
    tries: 'GET /app/hook/deliveries of the last hour',
    needs: ['hook', 'secret', 'events', 'installation'],
    judge: ({ deliveries }) => judged(deliveries, 'is GitHub up (githubstatus.com)?', judgeDeliveries),
  },
];

/** What the status of a failed delivery means; the first that fits. */
const MEANINGS: ReadonlyArray<readonly [fits: (status: number) => boolean, fix: string]> = [
  [
    (status) => status === 401,
    'the App’s webhook secret and the parameter webhook-secret differ: store the one that the App has, or oneshot setup',
  ],
  [
    (status) => status === 403 || status === 404,
    'the webhook’s address is of no deployment: oneshot setup sets it',
  ],
  [
    (status) => status === 429 || status === 503,
    'it was throttled, or the function could not work: look at Lambda’s concurrency and the webhook function’s log',
  ],
  [
    (status) => status === 502 || status === 504 || status === 0,
    'GitHub got no answer in ten seconds: look at the webhook function’s log for timeouts; is the API reachable from the internet?',
  ],
  [
    () => true,
    'the App’s settings, Advanced, show each answer; the log of the webhook function has the cause',
  ],
];

function judgeDeliveries(all: readonly Pick<DeliveryFact, 'statusCode'>[]): Verdict {
  const failed = all.filter(({ statusCode }) => statusCode < 200 || statusCode >= 300);
  const [newest] = all;
  if (newest === undefined)
    return warn(
      'none in the last hour',
      'run a workflow; if none comes, is the webhook active in the App’s settings?',
    );
  if (failed.length === 0) return ok(`${all.length} in the last hour, all answered`);
  const codes = [...new Set(failed.map(({ statusCode }) => statusCode))].join(', ');
  const seen = `${failed.length} of ${all.length} in the last hour failed (${codes})`;
  if (!failed.includes(newest)) return warn(seen, 'the newest arrived; the sweep has the others sent again');
  return fail(seen, MEANINGS.find(([fits]) => fits(newest.statusCode))?.[1] ?? '');
}
