import type { View } from '../view.ts';
import { counted, dollars, span } from './format.ts';
import { Head, Table } from './table.tsx';

export function Tasks({ view: { tasks, takenAtMs } }: { readonly view: View }) {
  const { rows, all } = tasks;
  return (
    <section aria-labelledby="tasks">
      <div class="head">
        <h2 id="tasks">Tasks</h2>
      </div>
      {rows.length === 0 ? (
        <p class="empty">Nothing runs while nothing is queued.</p>
      ) : (
        <Table name="tasks">
          <Head columns={['Runner', 'ECS says', 'Runs', 'Size', '#Age', '#Cost']} />
          <tbody>
            {rows.map((task) => (
              <tr key={task.taskArn}>
                <th scope="row" class="mono">
                  {task.runnerName}
                </th>
                <td data-column="ECS says">{task.status.toLowerCase()}</td>
                <td data-column="Runs">{task.runs ?? '–'}</td>
                <td data-column="Size">{task.size}</td>
                <td data-column="Age" class="number">
                  {span(takenAtMs - task.createdAtMs)}
                </td>
                <td data-column="Cost" class="number">
                  {dollars(task.costUsd)}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {all > rows.length && <p class="more">and {counted(all - rows.length, 'task')} more</p>}
    </section>
  );
}
