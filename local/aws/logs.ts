import {
  FilterLogEvents$,
  type FilterLogEventsRequest,
  type FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { WorldClock } from '../world/clock.ts';
import { AwsError } from './errors.ts';
import { operation, type Service } from './service.ts';

export interface LogStore {
  readonly service: Service;
  /** Makes a group, as the stack does. */
  createGroup(name: string): void;
  /** Writes a line; makes group and stream where they are missing. */
  put(group: string, stream: string, line: string): void;
}

interface LogEvent {
  readonly eventId: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly logStreamName: string;
  readonly message: string;
}

/** FilterLogEvents answers 10,000 events at most (CloudWatch Logs API reference). */
const PAGE = 10_000;
/** A world that stays up for days must not keep every line of them. */
const MOST_KEPT = 200_000;

/** CloudWatch Logs, as far as it is read: FilterLogEvents over the groups that were written to. */
export function createLogStore(clock: WorldClock): LogStore {
  const groups = new Map<string, LogEvent[]>();
  let count = 0;
  const service: Service = {
    api: 'logs',
    target: 'Logs_20140328',
    jsonVersion: '1.1',
    internalError: 'ServiceUnavailableException',
    invalid: (problem) => invalid(problem.message),
    operations: {
      FilterLogEvents: operation<FilterLogEventsRequest, FilterLogEventsResponse>(FilterLogEvents$, (input) =>
        filter(groups, input),
      ),
    },
  };
  return {
    service,
    createGroup: (name) => void groups.set(name, groups.get(name) ?? []),
    put(group, logStreamName, message) {
      const timestamp = clock.nowMs();
      const events = groups.get(group) ?? [];
      groups.set(group, events);
      events.push({ eventId: String(++count), timestamp, ingestionTime: timestamp, logStreamName, message });
      if (events.length > MOST_KEPT) events.splice(0, events.length - MOST_KEPT);
    },
  };
}

function filter(
  groups: ReadonlyMap<string, readonly LogEvent[]>,
  { logGroupName = '', startTime = 0, endTime = Number.POSITIVE_INFINITY, ...input }: FilterLogEventsRequest,
): FilterLogEventsResponse {
  const events = groups.get(logGroupName);
  if (events === undefined)
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  const isMatch = matcher(input.filterPattern ?? '');
  const from = Number(input.nextToken ?? 0);
  if (!Number.isSafeInteger(from)) throw invalid('The specified nextToken is invalid.');
  const found = events.filter(
    ({ timestamp, logStreamName, message }) =>
      timestamp >= startTime &&
      timestamp <= endTime &&
      logStreamName.startsWith(input.logStreamNamePrefix ?? '') &&
      isMatch(message),
  );
  const page = found.slice(from, from + Math.min(PAGE, input.limit ?? PAGE));
  const next = from + page.length;
  return { events: page, ...(next < found.length && { nextToken: String(next) }) };
}

/**
 * Of the pattern language the two forms that are used here: `{ $.name = value }` and `"words"`. Another is refused, as
 * a wrong one is. Source: CloudWatch Logs user guide, Filter pattern syntax.
 */
function matcher(pattern: string): (message: string) => boolean {
  if (pattern === '') return () => true;
  const words = /^"([^"]+)"$/.exec(pattern)?.[1];
  if (words !== undefined) return (message) => message.includes(words);
  const [, name, value] = /^\{ \$\.(\w+) = "?([^"{}]+?)"? \}$/.exec(pattern) ?? [];
  if (name === undefined || value === undefined) throw invalid('Invalid filter pattern');
  return (message) => {
    try {
      return String(JSON.parse(message)[name]) === value;
    } catch {
      return false;
    }
  };
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
