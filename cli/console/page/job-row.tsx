import type { JobRow } from '../rows.ts';
import { act } from './act.ts';
import type { Axis } from './axis.ts';
import { finishTime, span } from './format.ts';
import type { Go } from './go.ts';
import { Lane } from './lane.tsx';
import { LinkOut } from './link.tsx';
import { Story } from './story.tsx';

interface JobRowProps {
  readonly job: JobRow;
  readonly axis: Axis;
  readonly ticks: readonly number[];
  readonly mayCancel: boolean;
  /** Its story is. */
  readonly isOpen: boolean;
  readonly go: Go;
}

/** A job, and below it its story where that is open. */
export function JobRows(props: JobRowProps) {
  const { job, axis, ticks, mayCancel, isOpen, go } = props;
  const { phase, conclusion, name, repository, labels, url, notes, why } = job;
  const { waitedMs, ranMs } = spansOf(job, axis.toMs);
  return (
    <>
      <tr class={isOpen ? 'is-open' : ''}>
        <th scope="row">
          <Name job={job} isOpen={isOpen} go={go} />
          <small>
            {repository} · {labels} {url !== undefined && <LinkOut href={url} words="GitHub" of={name} />}
          </small>
          {why !== undefined && <small class="note waits">{why}</small>}
          {notes.map(({ kind, text }) => (
            <small key={text} class={`note ${kind}`}>
              {text}
            </small>
          ))}
        </th>
        <td class="is">
          <span class={`phase ${phase} ${conclusion ?? ''}`}>{conclusion ?? phase}</span>
        </td>
        <td class="lane-column">
          <Lane job={job} axis={axis} ticks={ticks} />
        </td>
        <td class="number" data-column="Waited">
          {spanOrNothing(waitedMs)}
        </td>
        <td class="number" data-column="Ran">
          {spanOrNothing(ranMs)}
        </td>
        <td class="number" data-column="Finished">
          <Finished atMs={job.endedAtMs} nowMs={axis.toMs} />
        </td>
        {mayCancel && (
          <td class="act">
            <Cancel job={job} />
          </td>
        )}
      </tr>
      {isOpen && (
        <tr class="story-row">
          <td colSpan={mayCancel ? 7 : 6} id={`story-${job.jobId}`} class="story">
            <Story jobId={job.jobId} stamp={`${phase} ${conclusion} ${why} ${notes.length}`} />
          </td>
        </tr>
      )}
    </>
  );
}

function Name({ job: { jobId, name }, isOpen, go }: Pick<JobRowProps, 'job' | 'isOpen' | 'go'>) {
  return (
    <button
      type="button"
      class="disclose"
      aria-expanded={isOpen}
      aria-controls={isOpen ? `story-${jobId}` : undefined}
      onClick={() => go({ job: isOpen ? undefined : jobId })}
    >
      {name}
    </button>
  );
}

const isLive = ({ phase }: JobRow): boolean =>
  phase === 'queued' || phase === 'starting' || phase === 'running';

/** How long it waited and ran, until now where it still does. */
function spansOf(job: JobRow, nowMs: number) {
  const { phase, queuedAtMs, startedAtMs, endedAtMs } = job;
  if (phase === 'ignored') return { waitedMs: undefined, ranMs: undefined };
  const untilMs = endedAtMs ?? (isLive(job) ? nowMs : undefined);
  return {
    waitedMs: between(queuedAtMs, startedAtMs ?? untilMs),
    ranMs: between(startedAtMs, untilMs),
  };
}

const between = (fromMs: number | undefined, toMs: number | undefined): number | undefined =>
  fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;

const spanOrNothing = (ms: number | undefined): string => (ms === undefined ? '–' : span(ms));

const Finished = ({ atMs, nowMs }: { readonly atMs: number | undefined; readonly nowMs: number }) =>
  atMs === undefined ? (
    <>–</>
  ) : (
    <time dateTime={new Date(atMs).toISOString()}>{finishTime(atMs, nowMs)}</time>
  );

const Cancel = ({ job }: { readonly job: JobRow }) =>
  isLive(job) ? (
    <button type="button" class="quiet" onClick={() => void act('cancel', { jobId: job.jobId })}>
      Cancel<span class="hidden"> {job.name}</span>
    </button>
  ) : null;
