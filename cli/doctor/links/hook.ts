import { named } from '../../../functions/github/errors.ts';
import { fail, judged, link, ok, type Reading, tried } from '../link.ts';
import { APP, asApp, settingsOf } from './app.ts';

export const HOOK = tried(async (_, ask) => {
  const app = await ask(asApp);
  const { data } = await named('get the webhook', () => app.asApp.request('GET /app/hook/config'));
  return { url: data.url, contentType: data.content_type, hasSecret: data.secret !== undefined };
});

export const WEBHOOK_URL: Reading<string> = async ({ webhookUrl }) => webhookUrl;

export const hook = link({
  id: 'hook',
  title: 'the App’s webhook is this deployment’s',
  tries: 'GET /app/hook/config',
  needs: ['app'],
  reads: { hook: HOOK, webhookUrl: WEBHOOK_URL, app: APP },
  judge: (seen) =>
    judged(
      seen.hook,
      'check that the webhook is active in the App’s settings',
      ({ url, contentType, hasSecret }) => {
        if (url !== seen.webhookUrl)
          return fail(`it is ${url || 'not set'}`, `set it to ${seen.webhookUrl} (oneshot setup does)`);
        if (contentType !== 'json')
          return fail(`its content type is ${contentType}`, 'choose application/json');
        return hasSecret ? ok(url) : fail('it has no secret', `set the secret in ${settingsOf(seen.app)}`);
      },
    ),
});
