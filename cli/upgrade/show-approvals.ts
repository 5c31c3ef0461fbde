import wrapAnsi from 'wrap-ansi';
import { PAINT } from '../terminal.ts';
import type { Approval } from './approvals.ts';

/** What is to be done at GitHub, each with its address. Pure. */
export function showApprovals(approvals: readonly Approval[], columns: number): string {
  const lines = approvals.map(({ what, where }) => `  ${what}:\n    ${where}`);
  const title = PAINT.bold('At GitHub, before jobs can run with this version:');
  return [title, ...lines].map((line) => wrapAnsi(line, columns, { trim: false })).join('\n');
}
