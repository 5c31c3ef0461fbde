/**
 * The live feed: a WebSocket on which a worker sends the lines of its steps as they come (WIRE-30; actions/runner,
 * ResultsServer.cs). One message in frames of 1 KB, which `ws` puts together.
 */
import { upgradeWebSocket } from '@hono/node-server';
import { Hono } from 'hono';
import * as v from 'valibot';
import type { JobRecord } from '../records.ts';
import { callerOf, type TokenReader, unauthenticated } from './job-call.ts';
import type { JobReport } from './job-report.ts';

/** 500 lines of 1 KB, each character escaped. */
export const FEED_MESSAGE_BYTES = 4 * 1024 ** 2;
/** RFC 6455, 7.4.1: policy violation, and invalid data. */
const NOT_ALLOWED = 1008;
const MALFORMED = 1007;

/** TimelineRecordFeedLinesWrapper.cs; the line's number is of no use here, as order is kept. */
const LINES = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ value: v.array(v.string()), stepId: v.pipe(v.string(), v.uuid(), v.toLowerCase()) }),
);

export interface FeedOptions {
  readonly tokens: TokenReader;
  readonly reportOf: (job: JobRecord) => JobReport;
}

export function createFeed({ tokens, reportOf }: FeedOptions): Hono {
  const feed = new Hono();
  feed.get(
    '/',
    (c, next) => (callerOf(tokens, c) === undefined ? unauthenticated(c) : next()),
    upgradeWebSocket((c) => ({
      onMessage({ data }, socket) {
        // It may have ended since.
        const job = callerOf(tokens, c);
        if (job === undefined) return socket.close(NOT_ALLOWED, 'the job is over');
        const lines = v.safeParse(LINES, data);
        if (!lines.success) return socket.close(MALFORMED, 'not lines of a step');
        reportOf(job).appendLive(lines.output.stepId, lines.output.value);
      },
    })),
    (c) => c.json({ message: 'A WebSocket is expected here.' }, 426),
  );
  return feed;
}
