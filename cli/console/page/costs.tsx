import type { View } from '../view.ts';
import { counted, dollars } from './format.ts';

/** What the tasks of the window cost, by repository. */
export function Costs({ costs: { rows, all }, region }: Pick<View, 'costs' | 'region'>) {
  return (
    <section aria-labelledby="costs">
      <h2 id="costs">Cost by repository</h2>
      {rows.length === 0 ? (
        <p class="empty">No task has run.</p>
      ) : (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Repository</th>
              <th scope="col" class="number">
                Tasks
              </th>
              <th scope="col" class="number">
                Minutes
              </th>
              <th scope="col" class="number">
                Estimate
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ repository, tasks, minutes, usd }) => (
              <tr key={repository}>
                <th scope="row">{repository}</th>
                <td class="number">{tasks}</td>
                <td class="number">{Math.round(minutes)}</td>
                <td class="number">{dollars(usd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {all > rows.length && (
        <p class="more">and {counted(all - rows.length, 'repository', 'repositories')}</p>
      )}
      <p class="more">
        Tasks alone, an estimate at the prices of {region}. <code>oneshot cost</code> has it by workflow,
        label, month and size.
      </p>
    </section>
  );
}
