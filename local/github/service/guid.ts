import { createHash } from 'node:crypto';

/**
 * A GUID that always is the same for the same things. What a world leaves to chance does not change with it: it draws
 * nothing.
 */
export function guidOf(...things: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(things.join('/')).digest('hex');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
