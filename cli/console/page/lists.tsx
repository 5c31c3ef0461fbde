import type { View } from '../view.ts';
import { clockTime, plural } from './format.ts';

export function Faults({ faults }: Pick<View, 'faults'>) {
  return (
    <section aria-labelledby="faults">
      <h2 id="faults">Recent faults</h2>
      {faults.length === 0 ? (
        <p class="empty">None.</p>
      ) : (
        <ol class="events">
          {faults.slice(0, 12).map(({ atMs, service, message, detail }) => (
            <li key={`${atMs} ${service} ${message}`}>
              <time dateTime={new Date(atMs).toISOString()}>{clockTime(atMs)}</time> <b>{service}</b>{' '}
              {message}
              {detail && <small>{detail}</small>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

export function Ignored({ rows }: { readonly rows: View['ignored'] }) {
  return (
    <section aria-labelledby="ignored">
      <h2 id="ignored">What started nothing, and why</h2>
      {rows.length === 0 ? (
        <p class="empty">Every delivery started something.</p>
      ) : (
        <ul class="events">
          {rows.map(({ reason, text, count }) => (
            <li key={reason}>
              <b>{reason}</b> {plural(count, 'time')}
              <small>{text}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** A view that is not whole says so. */
export function Unread({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <section aria-labelledby="unread" class="warning">
      <h2 id="unread">Not read</h2>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}
