/** Pages with their Link header (docs.github.com: Using pagination in the REST API). */
import type { ApiRequest } from './context.ts';

const DEFAULT_SIZE = 30;
const MOST = 100;

const positive = (text: string | null, otherwise: number): number => {
  const value = Number(text ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
};

export const pageSize = (request: ApiRequest): number =>
  Math.min(MOST, positive(request.query.get('per_page'), DEFAULT_SIZE));

/** A link to the same list with other parameters. */
export function linkTo(
  api: string,
  request: ApiRequest,
  rel: string,
  change: Record<string, string>,
): string {
  const query = new URLSearchParams(request.query);
  for (const [name, value] of Object.entries(change)) query.set(name, value);
  return `<${api}${request.path}?${query}>; rel="${rel}"`;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly headers: Readonly<Record<string, string>>;
}

export function pageOf<T>(api: string, request: ApiRequest, all: readonly T[]): Page<T> {
  const size = pageSize(request);
  const page = positive(request.query.get('page'), 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (rel: string, to: number) => linkTo(api, request, rel, { page: `${to}` });
  const back = page > 1 ? [link('prev', page - 1), link('first', 1)] : [];
  const on = page < last ? [link('next', page + 1), link('last', last)] : [];
  const links = [...back, ...on].join(', ');
  return { items: all.slice((page - 1) * size, page * size), headers: links === '' ? {} : { link: links } };
}
