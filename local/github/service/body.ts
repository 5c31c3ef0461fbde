import type { Context } from 'hono';

/** The members of a call's body, which is JSON; none of any other. */
export async function bodyOf(c: Context): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse((await c.req.text()) || '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
