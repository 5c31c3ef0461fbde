import { type Query, ROWS, WINDOWS } from '../query.ts';
import type { View } from '../view.ts';
import { axisOf } from './axis.ts';
import { Filters, Windows } from './filters.tsx';
import { counted } from './format.ts';
import type { Go } from './go.ts';
import { JobRows } from './job-row.tsx';
import { localTicks, Times } from './lane.tsx';
import { Story } from './story.tsx';
import { Head, Table } from './table.tsx';

interface JobsProps {
  readonly view: View;
  readonly query: Query;
  readonly go: Go;
}

export function Jobs({ view, query, go }: JobsProps) {
  const { rows, all } = view.jobs;
  return (
    <section aria-labelledby="jobs">
      <div class="head">
        <h2 id="jobs" tabIndex={-1}>
          Jobs
        </h2>
        <Legend />
        <Windows query={query} go={go} />
      </div>
      <Filters query={query} choices={view.choices} go={go} />
      <Alone view={view} query={query} go={go} />
      {rows.length === 0 ? (
        <p class="empty">
          {view.jobCount === 0
            ? `No job in the last ${WINDOWS[query.window].words}.`
            : `None of ${counted(view.jobCount, 'job')} fits.`}
        </p>
      ) : (
        <Rows view={view} query={query} go={go} />
      )}
      {all > rows.length && (
        <p class="more">
          {rows.length} of {counted(all, 'job')}.{' '}
          {query.rows < ROWS.most ? (
            <button type="button" onClick={() => go({ rows: query.rows + ROWS.step }, false)}>
              Show {Math.min(ROWS.step, all - rows.length)} more
            </button>
          ) : (
            'Search or filter to see others.'
          )}
        </p>
      )}
    </section>
  );
}

function Rows({ view, query, go }: JobsProps) {
  const { rows } = view.jobs;
  const axis = axisOf(rows, view.takenAtMs, WINDOWS[query.window].ms);
  const ticks = localTicks(axis);
  const times = {
    name: 'Timeline',
    className: 'lane-column',
    content: <Times axis={axis} ticks={ticks} />,
  };
  const cancel = { name: 'Cancel', className: '', content: <span class="hidden">Cancel</span> };
  const mayCancel = view.play !== undefined;
  return (
    <Table name="jobs">
      <Head columns={['Job', 'Is', times, '#Waited', '#Ran', '#Finished', ...(mayCancel ? [cancel] : [])]} />
      <tbody>
        {rows.map((job) => (
          <JobRows
            key={job.jobId}
            {...{ job, axis, ticks, mayCancel, go }}
            isOpen={query.job === job.jobId}
          />
        ))}
      </tbody>
    </Table>
  );
}

/** The job whose address was followed, where its row is not among those that are shown. */
function Alone({ view, query: { job }, go }: JobsProps) {
  if (job === undefined || view.jobs.rows.some(({ jobId }) => jobId === job)) return null;
  return (
    <div class="story alone">
      <h3>
        Job {job}{' '}
        <button type="button" class="quiet" onClick={() => go({ job: undefined })}>
          Close
        </button>
      </h3>
      <Story jobId={job} stamp="" />
    </div>
  );
}

const Legend = () => (
  <ul class="legend" aria-label="Colours of the timeline">
    {['queued', 'starting', 'running'].map((name) => (
      <li key={name}>
        <span class={`swatch ${name}`} aria-hidden="true" />
        {name}
      </li>
    ))}
  </ul>
);
