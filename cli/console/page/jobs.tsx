import { useState } from 'preact/hooks';
import type { JobRow, View } from '../view.ts';
import { act } from './act.ts';
import { plural, span } from './format.ts';
import { type Axis, axisOf, Lane } from './lane.tsx';
import { Scroll } from './scroll.tsx';

/** As many rows as are drawn until more are asked for: a thousand jobs must not make a slow page. */
const PAGE = 40;

export function Jobs({ view }: { readonly view: View }) {
  const [words, setWords] = useState('');
  const [phase, setPhase] = useState('all');
  const [most, setMost] = useState(PAGE);
  const fitting = view.jobs.filter((job) => isWanted(job, words, phase));
  const rows = fitting.slice(0, most);
  const axis = axisOf(rows, view.takenAtMs);
  return (
    <section aria-labelledby="jobs">
      <div class="head">
        <h2 id="jobs" tabIndex={-1}>
          Jobs
        </h2>
        <Legend />
        <search class="filter">
          <label>
            <span class="hidden">Search name, repository and labels</span>
            <input
              type="search"
              placeholder="Search"
              value={words}
              onInput={(event) => setWords(event.currentTarget.value)}
            />
          </label>
          <label>
            <span class="hidden">Phase</span>
            <select value={phase} onChange={(event) => setPhase(event.currentTarget.value)}>
              {['all', 'queued', 'starting', 'running', 'done', 'ignored'].map((name) => (
                <option key={name} value={name}>
                  {name === 'all' ? 'all phases' : name}
                </option>
              ))}
            </select>
          </label>
        </search>
      </div>
      {rows.length === 0 ? (
        <p class="empty">{view.jobs.length === 0 ? 'No job in the last two hours.' : 'No such job.'}</p>
      ) : (
        <Table rows={rows} axis={axis} mayCancel={view.play !== undefined} />
      )}
      {fitting.length > rows.length && (
        <p class="more">
          {rows.length} of {plural(fitting.length, 'job')}.{' '}
          <button type="button" onClick={() => setMost(most + PAGE)}>
            Show {Math.min(PAGE, fitting.length - rows.length)} more
          </button>
        </p>
      )}
    </section>
  );
}

function isWanted({ name, repository, labels, phase }: JobRow, words: string, wanted: string): boolean {
  if (wanted !== 'all' && phase !== wanted) return false;
  const text = `${name} ${repository} ${labels}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
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

interface TableProps {
  readonly rows: readonly JobRow[];
  readonly axis: Axis;
  readonly mayCancel: boolean;
}

const Table = ({ rows, axis, mayCancel }: TableProps) => (
  <Scroll>
    <table class="jobs">
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">Is</th>
          <th scope="col" class="lane-column">
            {span(axis.toMs - axis.fromMs)} until now
          </th>
          <th scope="col" class="number">
            Waited
          </th>
          {mayCancel && (
            <th scope="col">
              <span class="hidden">Cancel</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((job) => (
          <Row key={job.jobId} job={job} axis={axis} mayCancel={mayCancel} />
        ))}
      </tbody>
    </table>
  </Scroll>
);

function Row({ job, axis, mayCancel }: { job: JobRow; axis: Axis; mayCancel: boolean }) {
  const { jobId, name, repository, url, labels, phase, conclusion, queuedAtMs, startedAtMs } = job;
  const waitedUntil = startedAtMs ?? (phase === 'done' || phase === 'ignored' ? undefined : axis.toMs);
  const isOpen = phase === 'queued' || phase === 'starting' || phase === 'running';
  return (
    <tr>
      <th scope="row">
        {url === undefined ? name : <a href={url}>{name}</a>}
        <small>
          {repository} · {labels}
        </small>
        {job.notes.map(({ kind, text }) => (
          <small key={text} class={`note ${kind}`}>
            {text}
          </small>
        ))}
      </th>
      <td>
        <span class={`phase ${phase} ${conclusion ?? ''}`}>{conclusion ?? phase}</span>
      </td>
      <td class="lane-column">
        <Lane job={job} axis={axis} />
      </td>
      <td class="number">
        {queuedAtMs === undefined || waitedUntil === undefined || phase === 'ignored'
          ? '–'
          : span(waitedUntil - queuedAtMs)}
      </td>
      {mayCancel && (
        <td>
          {isOpen && (
            <button type="button" class="quiet" onClick={() => void act('cancel', { jobId })}>
              Cancel<span class="hidden"> {name}</span>
            </button>
          )}
        </td>
      )}
    </tr>
  );
}
