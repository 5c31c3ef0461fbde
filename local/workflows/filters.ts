/** Which workflows an event triggers (docs.github.com, Workflow syntax: on.push, Filter pattern cheat sheet). */
import type { EventsConfig } from '@actions/workflow-parser/model/workflow-template';
import { isTag, shortRef } from '../github/ref.ts';

/** Those that this world makes. */
export type EventName = 'push' | 'workflow_dispatch' | 'schedule';

export interface TriggerEvent {
  readonly name: EventName;
  /** `refs/heads/main` */
  readonly ref: string;
}

export function isTriggeredBy({ name, ref }: TriggerEvent, events: EventsConfig): boolean {
  if (name !== 'push') return events[name] !== undefined;
  return events.push !== undefined && passes(ref, events.push);
}

/** `push of main`, `workflow_dispatch` */
export function triggersOf(events: EventsConfig): string[] {
  const { branches = [], tags = [] } = events.push ?? {};
  const of = [...branches, ...tags].join(', ');
  return Object.keys(events).map((name) => (name === 'push' && of !== '' ? `push of ${of}` : name));
}

type PushFilters = NonNullable<EventsConfig['push']>;

/** Which files a push has changed is not known here: `paths` are taken as met. */
export const hasPaths = ({ push }: EventsConfig): boolean =>
  push?.paths !== undefined || push?.['paths-ignore'] !== undefined;

/** With filters of one kind alone, a push of the other kind does not trigger. */
function passes(ref: string, filters: PushFilters): boolean {
  const name = shortRef(ref);
  const [own, other] = isTag(ref) ? (['tags', 'branches'] as const) : (['branches', 'tags'] as const);
  const [only, but] = [filters[own], filters[`${own}-ignore`]];
  if (only !== undefined) return isChosen(name, only);
  if (but !== undefined) return !isChosen(name, but);
  return filters[other] === undefined && filters[`${other}-ignore`] === undefined;
}

/** Of several patterns that match, the last decides; one with `!` takes back. */
function isChosen(name: string, patterns: readonly string[]): boolean {
  const last = patterns.findLast((pattern) => patternOf(pattern.replace(/^!/, '')).test(name));
  return last !== undefined && !last.startsWith('!');
}

/** `*` and `**`, `?` and `+` for the character before, `[]`, and `\` before any of them. */
function patternOf(glob: string): RegExp {
  const source = glob.replaceAll(/\\.|\*\*|\*|\[[^\]]*\]|[?+]|[^\w/]/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return /^(\\.|\[.*\]|[?+])$/s.test(part) ? part : `\\${part}`;
  });
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    // GitHub refuses such a pattern; nothing is named like it.
    return /^(?!)/;
  }
}
