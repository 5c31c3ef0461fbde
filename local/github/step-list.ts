/** The steps of a job on its page, each with its log. */
import { html } from 'hono/html';
import { stepLog } from './job-log.ts';
import { groupLog, type LogGroup } from './log-groups.ts';
import { stepsOf } from './payloads/actions.ts';
import type { JobRecord } from './records.ts';

/** Lines that a page shows of a step: its newest. */
const STEP_LINES = 1_000;
const PAGE_LINES = 10_000;

interface ShownStep {
  readonly title: string;
  readonly isOpen: boolean;
  readonly lines: readonly string[];
}

function shownSteps(job: JobRecord): ShownStep[] {
  const ids = new Map(job.report?.steps().map(({ id, number }) => [number, id]));
  return stepsOf(job).map(({ number, name, status, conclusion, started_at, completed_at }) => {
    const id = ids.get(number);
    const lines = id === undefined ? [] : stepLog(job, id);
    return {
      title: `${name}: ${conclusion ?? status}${duration(started_at, completed_at)}`,
      isOpen: status === 'in_progress' || conclusion === 'failure',
      lines,
    };
  });
}

function duration(start: string | null, end: string | null): string {
  if (start === null || end === null) return '';
  return `, ${Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / 1000))} s`;
}

export function stepsList(job: JobRecord) {
  const steps = shownSteps(job);
  if (steps.length === 0) return html`<p>It has not begun.</p>`;
  const dropped = job.report?.droppedSteps ?? 0;
  let left = PAGE_LINES;
  const items = steps.map((step) => {
    const most = Math.min(STEP_LINES, left, step.lines.length);
    const shown = step.lines.slice(step.lines.length - most);
    left -= most;
    return html`<li>${stepPart(step, shown)}</li>`;
  });
  return html`${dropped > 0 ? html`<p>${dropped} earlier steps are not kept.</p>` : ''}<ol>${items}</ol>`;
}

function stepPart({ title, isOpen, lines }: ShownStep, shown: readonly string[]) {
  if (lines.length === 0) return title;
  const hidden = lines.length - shown.length;
  const note = hidden > 0 ? html`<p>${hidden} earlier lines are in the whole log.</p>` : '';
  const log = html`${note}<pre>${groupLog(shown).map(groupPart)}</pre>`;
  return isOpen
    ? html`<details open><summary>${title}</summary>${log}</details>`
    : html`<details><summary>${title}</summary>${log}</details>`;
}

function groupPart({ title, lines }: LogGroup) {
  const text = lines.map(
    ({ time, kind, text }) => html`<span class="${kind}" title="${time}">${text}</span>\n`,
  );
  return title === null ? text : html`<details><summary>${title}</summary>${text}</details>`;
}
