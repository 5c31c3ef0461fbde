import type { View } from '../view.ts';
import { clockTime, counted } from './format.ts';

/** Each kind once: how often, when last, an example, and what to do. */
export function Faults({ faults: { rows, all } }: Pick<View, 'faults'>) {
  return (
    <section aria-labelledby="faults">
      <h2 id="faults">Recent faults</h2>
      {rows.length === 0 ? (
        <p class="empty">None.</p>
      ) : (
        <ol class="events">
          {rows.map(({ service, pattern, example, count, lastAtMs, todo }) => (
            <li key={`${service} ${pattern} ${example}`}>
              <b>{service}</b> {pattern}
              <small>
                {count === 1 ? 'once' : `${count} times`}, last at{' '}
                <time dateTime={new Date(lastAtMs).toISOString()}>{clockTime(lastAtMs)}</time>
              </small>
              <small>
                To do: <Words text={todo} />.
              </small>
              {example !== pattern && (
                <details>
                  <summary>The last one, in full</summary>
                  <small>{example}</small>
                </details>
              )}
            </li>
          ))}
        </ol>
      )}
      {all > rows.length && <p class="more">and {counted(all - rows.length, 'more kind')}</p>}
    </section>
  );
}

/** A sentence with `commands` in it. */
const Words = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={part}>{part}</code>))}</>
);
