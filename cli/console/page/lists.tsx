import type { View } from '../view.ts';
import { counted } from './format.ts';

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
              <b>{reason}</b> {counted(count, 'time')}
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
