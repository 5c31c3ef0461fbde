/** What GitHub's objects have in common. */
export const WEB = 'https://github.com';

/** Long before any scenario. */
export const FOUNDED = '2024-02-01T09:00:00Z';

export const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export const nodeId = (kind: string, id: number): string =>
  `${kind}_${Buffer.from(`${kind}:${id}`).toString('base64url')}`;
