/** Apps that are made from a manifest. */
import { notFound } from '../api-error.ts';
import { appBody } from '../payloads/accounts.ts';
import type { Handlers } from './context.ts';

export const manifestHandlers: Handlers = {
  'apps/create-from-manifest': async ({ params }, context) => {
    const { site, deliveries } = context;
    const made = await site.redeem(params['code'] ?? '');
    if (made === undefined) throw notFound();
    if (made.webhookUrl !== undefined) deliveries.hook.url = made.webhookUrl;
    deliveries.hook.secret = made.webhookSecret;
    const body = {
      ...appBody(context.apiUrl(), made.app, []),
      html_url: `${context.apiUrl()}/apps/${made.app.slug}`,
      client_secret: context.ids.hex(40),
      webhook_secret: made.webhookSecret,
      pem: made.privateKeyPem,
    };
    return { status: 201, body };
  },
};
