import type { Context } from 'hono';

/** A name that somebody else's DNS points here is not ours (DNS rebinding), and another page's request neither. */
export function isFromHere({ req }: Context): boolean {
  const host = req.header('host') ?? '';
  const origin = req.header('origin');
  return (
    /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host) && (origin === undefined || origin === `http://${host}`)
  );
}
