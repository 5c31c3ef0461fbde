import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import type { CallBudget } from '../core/plan/job-look.ts';
import { createLru } from '../kit/lru.ts';

/** The hours of REST calls of installations, each as GitHub's last answers told it. */
export interface Budgets {
  of(installationId: number): CallBudget | undefined;
  /** Notes what each answer to this installation's client says: good, refused or not modified. */
  watch(octokit: Octokit, installationId: number): void;
  /** The lowest number of remaining calls, of hours that have not ended. */
  lowestRemaining(nowMs: number): number | undefined;
}

interface Answer {
  readonly url: string;
  readonly headers: Headers;
}
type Headers = Readonly<Record<string, string | number | undefined>>;

/** Where tokens are minted. Source: docs.github.com, Create an installation access token for an app. */
export const MINT = /\/app\/installations\/\d+\/access_tokens$/;

/** Strangers may install the App too: what they cost is bounded. */
const MOST_INSTALLATIONS = 1_000;

export function createBudgets(): Budgets {
  const known = createLru<number, CallBudget>(MOST_INSTALLATIONS);
  const note = (installationId: number, answer: Answer | undefined): void => {
    // A token is minted as the App, whose calls are not the installation's.
    if (answer === undefined || MINT.test(answer.url)) return;
    const said = readBudget(answer.headers);
    if (said !== undefined) known.set(installationId, lower(said, known.get(installationId)));
  };
  return {
    of: (installationId) => known.get(installationId),
    watch(octokit, installationId) {
      octokit.hook.after('request', (response) => note(installationId, response));
      octokit.hook.error('request', (error) => {
        if (error instanceof RequestError) note(installationId, error.response);
        throw error;
      });
    },
    lowestRemaining(nowMs) {
      const current = known.values().filter(({ resetsAtMs }) => resetsAtMs > nowMs);
      return current.length === 0 ? undefined : Math.min(...current.map(({ remaining }) => remaining));
    },
  };
}

/**
 * Runner registrations have an hour of their own, ten times as large: what runs out is `core`.
 * Source: docs.github.com, Rate limits for the REST API, "Checking the status of your rate limit".
 */
function readBudget(headers: Headers): CallBudget | undefined {
  if (headers['x-ratelimit-resource'] !== 'core') return undefined;
  const [limit, remaining, resetSeconds] = ['limit', 'remaining', 'reset'].map((name) =>
    Number(headers[`x-ratelimit-${name}`]),
  );
  const isRead = [limit, remaining, resetSeconds].every(Number.isFinite);
  if (!isRead || limit === undefined || remaining === undefined || resetSeconds === undefined)
    return undefined;
  return { limit, remaining, resetsAtMs: resetSeconds * 1000 };
}

/** Answers overtake each other: within one hour the lower number is the later one. */
function lower(said: CallBudget, known: CallBudget | undefined): CallBudget {
  if (known === undefined || said.resetsAtMs > known.resetsAtMs) return said;
  if (said.resetsAtMs < known.resetsAtMs) return known;
  return said.remaining < known.remaining ? said : known;
}
