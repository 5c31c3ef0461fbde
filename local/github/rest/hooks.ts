/** The App's webhook and the log of its deliveries. */
import { ApiError, notFound } from '../api-error.ts';
import type { Delivery } from '../types.ts';
import { type ApiRequest, type Handler, type Handlers, ok, type RestContext } from './context.ts';
import { linkTo, pageSize } from './paging.ts';

function itemBody(delivery: Delivery): Record<string, unknown> {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: new Date(delivery.deliveredAtMs).toISOString(),
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.durationSeconds * 100) / 100,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

const deliveryBody = (delivery: Delivery): Record<string, unknown> => ({
  ...itemBody(delivery),
  url: delivery.url,
  request: { headers: delivery.requestHeaders, payload: JSON.parse(delivery.payload) },
  response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
});

const succeeded = ({ statusCode }: Delivery): boolean => statusCode >= 200 && statusCode < 400;

function filtered(request: ApiRequest, { deliveries }: RestContext): Delivery[] {
  const status = request.query.get('status');
  if (status !== null && status !== 'success' && status !== 'failure') {
    throw new ApiError(422, `Validation Failed: status must be success or failure, not ${status}`);
  }
  return deliveries.listed().filter((each) => status === null || succeeded(each) === (status === 'success'));
}

/** Pages by cursor: it names the last delivery of the page before. */
const list: Handler = (request, context) => {
  const all = filtered(request, context);
  const [, after] = /^v1_(\d+)$/.exec(request.query.get('cursor') ?? '') ?? [];
  if (request.query.has('cursor') && after === undefined) throw new ApiError(400, 'Invalid cursor');
  const rest = after === undefined ? all : all.filter(({ id }) => id < BigInt(after));
  const page = rest.slice(0, pageSize(request));
  const last = page.at(-1);
  const more = last !== undefined && rest.length > page.length;
  const headers = more
    ? { link: linkTo(context.apiUrl(), request, 'next', { cursor: `v1_${last.id}` }) }
    : undefined;
  return ok(page.map(itemBody), headers);
};

function found(request: ApiRequest, { deliveries }: RestContext): Delivery {
  const text = request.params['delivery_id'] ?? '';
  const delivery = /^\d{1,19}$/.test(text) ? deliveries.get(BigInt(text)) : undefined;
  if (delivery === undefined) throw notFound();
  return delivery;
}

const configBody = ({ deliveries: { hook } }: RestContext) => ({
  content_type: 'json',
  insecure_ssl: '0',
  secret: '********',
  url: hook.url ?? '',
});

const updateConfig: Handler = ({ body }, context) => {
  const { hook } = context.deliveries;
  if (typeof body['url'] === 'string') hook.url = body['url'];
  if (typeof body['secret'] === 'string') hook.secret = body['secret'];
  return ok(configBody(context));
};

export const hookHandlers: Handlers = {
  'apps/list-webhook-deliveries': list,
  'apps/get-webhook-delivery': (request, context) => ok(deliveryBody(found(request, context))),
  'apps/redeliver-webhook-delivery': (request, context) => {
    // Answered at once; the call is made afterwards and shows up in the list.
    void context.deliveries.redeliver(found(request, context));
    return { status: 202, body: {} };
  },
  'apps/get-webhook-config-for-app': (_request, context) => ok(configBody(context)),
  'apps/update-webhook-config-for-app': updateConfig,
};
