import type { DeliveryFact } from '../core/ports.ts';
import type { GitHubApp } from './app.ts';
import { named } from './errors.ts';

interface Delivery {
  /** 19 digits: Octokit reads them as a bigint, where JSON.parse would lose the last ones (octokit/request.js#797). */
  readonly id: number | bigint;
  readonly guid: string;
  readonly delivered_at: string;
  readonly redelivery: boolean;
  readonly status_code: number;
  readonly event: string;
  readonly action: string | null;
}

const PAGE_SIZE = 100;
/** GitHub keeps three days of them; a flood must not cost a sweep more than so many reads. */
const MOST_PAGES = 10;

/** The App's newest deliveries, unfiltered, back to a time (epoch milliseconds). Throws ServiceError. */
export function listDeliveries(app: GitHubApp, sinceMs: number): Promise<DeliveryFact[]> {
  return named('list deliveries', async () => {
    const facts: DeliveryFact[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const parameters = { per_page: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
      const { data, headers } = await app.asApp.request('GET /app/hook/deliveries', parameters);
      const found = (data as unknown as Delivery[]).map(deliveryFact);
      facts.push(...found.filter(({ deliveredAtMs }) => deliveredAtMs >= sinceMs));
      cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(headers.link ?? '')?.[1];
      const oldest = found.at(-1);
      if (cursor === undefined || oldest === undefined || oldest.deliveredAtMs < sinceMs) break;
    }
    return facts;
  });
}

function deliveryFact({
  id,
  guid,
  delivered_at,
  redelivery,
  status_code,
  event,
  action,
}: Delivery): DeliveryFact {
  return {
    id: String(id),
    guid,
    deliveredAtMs: Date.parse(delivered_at),
    isRedelivery: redelivery,
    statusCode: status_code,
    event,
    action: action ?? undefined,
  };
}

/** Has a delivery sent again. Throws ServiceError. */
export async function redeliver(app: GitHubApp, deliveryId: string): Promise<void> {
  await named('redeliver', () =>
    // As text in the path: the id would not survive as a number.
    app.asApp.request('POST /app/hook/deliveries/{+delivery_id}/attempts', { delivery_id: deliveryId }),
  );
}
