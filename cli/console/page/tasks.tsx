import { dollars } from '../../units.ts';
import type { View } from '../view.ts';
import { plural, span } from './format.ts';
import { Scroll } from './scroll.tsx';

const MOST = 60;

export function Tasks({ view: { tasks, jobs } }: { readonly view: View }) {
  const names = new Map(jobs.map(({ jobId, name }) => [jobId, name]));
  return (
    <section aria-labelledby="tasks">
      <div class="head">
        <h2 id="tasks">Tasks</h2>
      </div>
      {tasks.length === 0 ? (
        <p class="empty">Nothing runs while nothing is queued.</p>
      ) : (
        <Scroll>
          <table>
            <thead>
              <tr>
                <th scope="col">Runner</th>
                <th scope="col">ECS says</th>
                <th scope="col">Runs</th>
                <th scope="col">Size</th>
                <th scope="col" class="number">
                  Age
                </th>
                <th scope="col" class="number">
                  Cost
                </th>
              </tr>
            </thead>
            <tbody>
              {tasks.slice(0, MOST).map((task) => (
                <tr key={task.taskArn}>
                  <th scope="row" class="mono">
                    {task.runnerName}
                  </th>
                  <td>{task.status.toLowerCase()}</td>
                  <td>
                    {task.runsJobId === undefined ? '–' : (names.get(task.runsJobId) ?? task.runsJobId)}
                  </td>
                  <td>{task.size}</td>
                  <td class="number">{span(task.ageMs)}</td>
                  <td class="number">{dollars(task.costUsd)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {tasks.length > MOST && <p class="more">and {plural(tasks.length - MOST, 'task')} more</p>}
    </section>
  );
}
