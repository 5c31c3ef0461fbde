import {
  DeleteLogGroup$,
  type DeleteLogGroupRequest,
  FilterLogEvents$,
  type FilterLogEventsRequest,
  type FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { TokenBucket } from '../../model/token-bucket.ts';
import type { WorldClock } from '../world/clock.ts';
import { AwsError } from './errors.ts';
import { logPattern } from './log-pattern.ts';
import { operation, type Service } from './service.ts';

export interface LogStore {
  readonly service: Service;
  /** Makes a group, as the stack does. */
  createGroup(name: string): void;
  /** As a removal does. */
  deleteGroup(name: string): void;
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

/** A page holds 10,000 events or 1 MB, whichever is less (CloudWatch Logs API reference, FilterLogEvents). */
const PAGE = { events: 10_000, bytes: 1_048_576 };
/** repost.aws, "How do I determine throttling in my CloudWatch logs?": of FilterLogEvents, and cannot be raised. */
const CALLS_PER_SECOND = 5;
/** A world that stays up for days must not keep every line of them. */
const MOST_KEPT = 200_000;
/** Ids are decimal and of one length, so that they sort as text. */
const ID_DIGITS = 56;

/** CloudWatch Logs, as far as it is called: FilterLogEvents and DeleteLogGroup on the groups that were made or written to. */
export function createLogStore(clock: WorldClock): LogStore {
  const groups = new Map<string, LogEvent[]>();
  const bucket = new TokenBucket(CALLS_PER_SECOND, CALLS_PER_SECOND);
  let count = 0;
  const service: Service = {
    api: 'logs',
    target: 'Logs_20140328',
    jsonVersion: '1.1',
    internalError: 'ServiceUnavailableException',
    invalid: (problem) => invalid(problem.message),
    operations: {
      FilterLogEvents: operation<FilterLogEventsRequest, FilterLogEventsResponse>(
        FilterLogEvents$,
        (input) => {
          if (!bucket.take(clock.nowMs())) throw new AwsError('ThrottlingException', 'Rate exceeded');
          return filterEvents(groups, input);
        },
      ),
      DeleteLogGroup: operation<DeleteLogGroupRequest, object>(DeleteLogGroup$, ({ logGroupName }) => {
        if (!groups.delete(logGroupName ?? '')) throw missing();
        return {};
      }),
    },
  };
  return {
    service,
    createGroup: (name) => void groups.set(name, groups.get(name) ?? []),
    deleteGroup: (name) => void groups.delete(name),
    put(group, logStreamName, message) {
      const timestamp = clock.nowMs();
      const eventId = String(++count).padStart(ID_DIGITS, '0');
      const events = groups.get(group) ?? [];
      groups.set(group, events);
      events.push({ eventId, timestamp, ingestionTime: timestamp, logStreamName, message });
      if (events.length > MOST_KEPT) events.splice(0, events.length - MOST_KEPT);
    },
  };
}

function filterEvents(
  groups: ReadonlyMap<string, readonly LogEvent[]>,
  input: FilterLogEventsRequest,
): FilterLogEventsResponse {
  const { logGroupName, startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = PAGE.events } = input;
  check(input, limit);
  const events = groups.get(logGroupName ?? '');
  if (events === undefined) throw missing();
  const isMatch = logPattern(input.filterPattern ?? '');
  if (isMatch === undefined) throw invalid('Invalid filter pattern');
  const after = readToken(input.nextToken);
  const found = events.filter(
    ({ eventId, timestamp, logStreamName, message }) =>
      eventId > after &&
      timestamp >= startTime &&
      timestamp <= endTime &&
      isInStream(logStreamName, input) &&
      isMatch(message),
  );
  const page = found.slice(0, sizeOfPage(found, limit));
  const last = page.at(-1);
  const more = page.length < found.length && last !== undefined;
  return { events: page, searchedLogStreams: [], ...(more && { nextToken: `after/${last.eventId}` }) };
}

const missing = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');

function check(input: FilterLogEventsRequest, limit: number): void {
  if ((input.logGroupName === undefined) === (input.logGroupIdentifier === undefined))
    throw invalid('You must include either logGroupIdentifier or logGroupName, but not both.');
  if (input.logGroupIdentifier !== undefined)
    throw invalid('The embedded world knows log groups by logGroupName.');
  if (input.logStreamNames !== undefined && input.logStreamNamePrefix !== undefined)
    throw invalid('logStreamNames and logStreamNamePrefix cannot be given together.');
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE.events)
    throw invalid(`limit must be between 1 and ${PAGE.events}.`);
  if ((input.startTime ?? 0) < 0 || (input.endTime ?? Number.POSITIVE_INFINITY) < (input.startTime ?? 0))
    throw invalid('The specified time range is not valid.');
}

const isInStream = (name: string, { logStreamNames, logStreamNamePrefix = '' }: FilterLogEventsRequest) =>
  name.startsWith(logStreamNamePrefix) && (logStreamNames?.includes(name) ?? true);

function readToken(token: string | undefined): string {
  if (token === undefined) return '';
  const [, after] = /^after\/(\d+)$/.exec(token) ?? [];
  if (after === undefined) throw invalid('The specified nextToken is invalid.');
  return after;
}

function sizeOfPage(events: readonly LogEvent[], limit: number): number {
  let bytes = 0;
  const end = events.findIndex(({ message }) => {
    bytes += Buffer.byteLength(message);
    return bytes > PAGE.bytes;
  });
  // One event that is larger than a page is a page.
  return Math.min(limit, end === -1 ? events.length : Math.max(1, end));
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
