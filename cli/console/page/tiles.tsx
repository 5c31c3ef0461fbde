import { type Query, WINDOWS } from '../query.ts';
import type { View } from '../view.ts';
import { counted, dollars, seconds, span } from './format.ts';

/** The whole at a glance. */
export function Tiles({ view, query }: { readonly view: View; readonly query: Query }) {
  const { counts, live, queueToStart, costUsd, doubts, sweptAtMs, takenAtMs } = view;
  const swept =
    sweptAtMs === undefined
      ? { value: '–', more: 'not seen' }
      : { value: span(takenAtMs - sweptAtMs), more: 'ago' };
  return (
    <section aria-labelledby="at-a-glance">
      <h2 id="at-a-glance" class="hidden">
        At a glance
      </h2>
      <dl class="tiles">
        <Tile name="Queued" value={counts.queued} phase="queued" />
        <Tile name="Starting" value={counts.starting} phase="starting" />
        <Tile name="Running" value={counts.running} phase="running" />
        <Tile name="Done" value={counts.done} more={`in ${WINDOWS[query.window].words}`} phase="done" />
        <Tile name="Tasks" value={live.tasks} more={`${live.vcpus} vCPU`} />
        <Tile
          name="Queue to start"
          value={queueToStart ? seconds(queueToStart.p50) : '–'}
          more={queueToStart ? `p95 ${seconds(queueToStart.p95)}` : 'p50'}
        />
        <Tile name="Cost" value={dollars(costUsd)} more="estimate" />
        <Tile
          name="In doubt"
          value={doubts?.waiting ?? '–'}
          more={doubts === undefined ? 'not read' : counted(doubts.dead, 'dead letter')}
          isBad={(doubts?.dead ?? 0) > 0}
        />
        <Tile name="Last sweep" {...swept} />
      </dl>
    </section>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string | number;
  readonly more?: string;
  readonly phase?: string;
  readonly isBad?: boolean;
}

const Tile = ({ name, value, more, phase = '', isBad = false }: TileProps) => (
  <div class={`tile ${phase} ${isBad ? 'bad' : ''}`}>
    <dt>{name}</dt>
    <dd>
      {value}
      {more && <small>{more}</small>}
    </dd>
  </div>
);
