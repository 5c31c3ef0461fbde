import { clockTime, seconds, span } from './format.ts';
import type { Freshness } from './freshness.ts';

interface AgeProps {
  readonly fresh: Freshness;
  readonly takenAtMs: number | undefined;
}

const WORDS: Readonly<Record<Freshness['kind'], string>> = {
  connecting: 'connecting',
  live: 'live',
  old: 'old',
  failing: 'not renewed',
  stopped: 'not live',
};

/** How old what the page shows is, always. */
export function Age({ fresh, takenAtMs }: AgeProps) {
  const ageMs = fresh.kind === 'connecting' ? undefined : fresh.ageMs;
  return (
    <p class={`live is-${fresh.kind}`}>
      {WORDS[fresh.kind]}
      {takenAtMs !== undefined && (
        <time dateTime={new Date(takenAtMs).toISOString()}>{clockTime(takenAtMs)}</time>
      )}
      {ageMs !== undefined && <span class="age">{ageMs < 1_500 ? 'now' : `${span(ageMs)} old`}</span>}
    </p>
  );
}

interface BannerProps {
  readonly fresh: Freshness;
  readonly problem: string | undefined;
  readonly takenAt: string | undefined;
  readonly isLocal: boolean;
}

/** What is wrong with it, and what brings it back. */
export function Banner({ fresh, problem, takenAt, isLocal }: BannerProps) {
  const last = takenAt === undefined ? '' : `: last data of ${takenAt}`;
  if (fresh.kind === 'stopped')
    return (
      <p class="banner">
        <span role="alert">
          The console has stopped{last}. <code>{isLocal ? 'npm start' : 'oneshot console'}</code> starts it
          again, at an address of its own.
        </span>{' '}
        <span>
          This one is tried again {fresh.againInMs < 1_000 ? 'now' : `in ${seconds(fresh.againInMs / 1_000)}`}
          .
        </span>
      </p>
    );
  if (problem !== undefined)
    return (
      <p class="banner" role="alert">
        The last look failed{last}. {problem}
      </p>
    );
  return fresh.kind === 'old' ? (
    <p class="banner" role="alert">
      The console answers, and its look takes long{last}.
    </p>
  ) : null;
}
