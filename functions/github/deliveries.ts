import type { DeliveryFact } from '../core/ports.ts';
import { isId, isText, type Json, timeOf } from '../kit/json.ts';
import type { GitHubApp } from './app.ts';
import { malformedAnswer, named } from './errors.ts';
import { PAGE_SIZE, readRecords } from './records.ts';

/** GitHub keeps three days of them. A flood must not cost a sweep more reads than this. */
const MOST_PAGES = 10;

/**
 * The App's newest deliveries, unfiltered, back to a time (epoch milliseconds). Records that are not of the documented
 * form are left out. Throws ServiceError.
 */
export function listDeliveries(
  app: GitHubApp,
  sinceMs: number,
  signal?: AbortSignal,
): Promise<DeliveryFact[]> {
  return named('list deliveries', async () => {
    const facts: DeliveryFact[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const found = await readPage(app, cursor, signal);
      facts.push(...found.facts.filter(({ deliveredAtMs }) => deliveredAtMs >= sinceMs));
      cursor = found.nextCursor;
      const oldest = found.facts.at(-1);
      if (cursor === undefined || (oldest !== undefined && oldest.deliveredAtMs < sinceMs)) break;
    }
    return facts;
  });
}

async function readPage(app: GitHubApp, cursor: string | undefined, signal: AbortSignal | undefined) {
  const answer = await app.asApp.rest.apps.listWebhookDeliveries({
    per_page: PAGE_SIZE,
    ...(cursor !== undefined && { cursor }),
    ...(signal && { request: { signal } }),
  });
  if (!Array.isArray(answer.data)) throw malformedAnswer(answer);
  const nextCursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(answer.headers.link ?? '')?.[1];
  return { facts: readRecords(answer.data, deliveryFact).items, nextCursor };
}

/** 19 digits: Octokit reads them as a bigint, where JSON.parse would lose the last ones (octokit/request.js#797). */
const isDeliveryId = (id: unknown): id is number | bigint => isId(id) || (typeof id === 'bigint' && id > 0n);

const idOrNone = (id: unknown): number | undefined => (isId(id) ? id : undefined);

function deliveryFact(record: Json): DeliveryFact | undefined {
  const { id, guid, redelivery, status_code, event, action } = record;
  const deliveredAtMs = timeOf(record['delivered_at']);
  if (!isDeliveryId(id) || !isText(guid) || !isText(event) || deliveredAtMs === undefined) return undefined;
  if (typeof redelivery !== 'boolean' || typeof status_code !== 'number') return undefined;
  return {
    id: String(id),
    guid,
    deliveredAtMs,
    event,
    isRedelivery: redelivery,
    statusCode: status_code,
    action: isText(action) ? action : undefined,
    repositoryId: idOrNone(record['repository_id']),
    installationId: idOrNone(record['installation_id']),
  };
}

/** Has a delivery sent again. Throws ServiceError. */
export async function redeliver(app: GitHubApp, deliveryId: string, signal?: AbortSignal): Promise<void> {
  await named('redeliver', () =>
    app.asApp.rest.apps.redeliverWebhookDelivery({
      // Text, though the type wants a number: the id would not survive as one.
      delivery_id: deliveryId as unknown as number,
      ...(signal && { request: { signal } }),
    }),
  );
}
