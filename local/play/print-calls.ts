import { table } from '../../cli/output.ts';
import type { Summary } from './summary.ts';

/** Each call with how often it was made, in all and for each task that was launched. */
export function formatCalls(calls: Summary['calls'], launched: number): string {
  const perTask = (count: number) => (launched === 0 ? '' : (count / launched).toFixed(2));
  const rows = Object.entries(calls).flatMap(([api, operations]) =>
    Object.entries(operations).map(([operation, count]) => [api, operation, count, perTask(count)]),
  );
  return table(['API', 'Operation', 'Calls', 'Per launched task'], rows);
}
