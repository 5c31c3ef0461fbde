import type { PhaseRow } from '../view.ts';
import { seconds } from './format.ts';

const WORDS: Readonly<Record<string, string>> = {
  network: 'Network',
  pull: 'Image pull',
  start: 'Container',
};

/** Where the seconds between launch and listener go. */
export function StartUp({ phases }: { readonly phases: readonly PhaseRow[] }) {
  const longest = Math.max(0.001, ...phases.map(({ p95 }) => p95));
  return (
    <section aria-labelledby="start-up">
      <h2 id="start-up">Start-up</h2>
      {phases.length === 0 ? (
        <p class="empty">No task has stopped yet.</p>
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
                <th scope="row">{WORDS[phase] ?? phase}</th>
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
