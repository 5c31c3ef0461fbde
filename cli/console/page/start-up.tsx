import type { View } from '../view.ts';
import { seconds } from './format.ts';

const WORDS: Readonly<Record<View['phases'][number]['phase'], string>> = {
  delivery: 'Webhook',
  launch: 'Launch',
  repair: 'Repair',
  network: 'Network',
  pull: 'Image pull',
  start: 'Container',
  connect: 'Connect',
  assign: 'Assign',
  total: 'Queue to start',
};

/** Where the seconds between queued and started go. */
export function StartUp({ phases }: Pick<View, 'phases'>) {
  const longest = Math.max(0.001, ...phases.map(({ p95 }) => p95));
  return (
    <section aria-labelledby="start-up">
      <h2 id="start-up">Where the time goes</h2>
      {phases.length === 0 ? (
        <p class="empty">No job has started yet.</p>
      ) : (
        <table class="chart">
          <thead>
            <tr>
              <th scope="col">Phase</th>
              <th scope="col" class="number">
                p50
              </th>
              <th scope="col" class="number">
                p95
              </th>
              <th scope="col">
                <span class="hidden">Chart</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {phases.map(({ phase, p50, p95 }) => (
              <tr key={phase}>
                <th scope="row">{WORDS[phase]}</th>
                <td class="number">{seconds(p50)}</td>
                <td class="number">{seconds(p95)}</td>
                <td class="bar">
                  <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="p95" x="0" y="1" height="8" width={(p95 / longest) * 100} />
                    <rect class="p50" x="0" y="1" height="8" width={(p50 / longest) * 100} />
                  </svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
