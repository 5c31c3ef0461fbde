import { judged, type Look, link, ok, type Reading, tried, warn } from '../link.ts';

/** GitHub refuses a JWT that was issued in its future; ours is backdated by a minute (functions/github/app-jwt.ts). */
const MOST_SKEW_MS = 45_000;

/** GitHub's clock less ours, by the head of any answer; the embedded world's clock is its own. */
const CLOCK_SKEW_MS: Reading<Look<number>> = async (deployment, ask) =>
  deployment.isLocal
    ? { kind: 'unseen', because: 'the embedded world has a clock of its own' }
    : tried(readSkewMs)(deployment, ask);

const readSkewMs: Reading<number> = async ({ githubApiUrl }) => {
  const answer = await fetch(`${githubApiUrl}/meta`, {
    headers: { 'user-agent': 'oneshot' },
    signal: AbortSignal.timeout(10_000),
  });
  const atMs = Date.parse(answer.headers.get('date') ?? '');
  return Number.isNaN(atMs) ? 0 : atMs - Date.now();
};

export const clock = link({
  id: 'clock',
  title: 'GitHub answers, and its clock and this one agree',
  tries: 'a request without credentials, and the date of its answer',
  needs: [],
  reads: { clockSkewMs: CLOCK_SKEW_MS },
  judge: ({ clockSkewMs }) =>
    judged(clockSkewMs, 'check the network, GitHub (githubstatus.com) and --github-url', (skewMs) => {
      const told = `${Math.round(skewMs / 1000)} s apart`;
      return Math.abs(skewMs) <= MOST_SKEW_MS
        ? ok(told)
        : warn(told, 'set this machine’s clock; Lambda’s is right');
    }),
});
