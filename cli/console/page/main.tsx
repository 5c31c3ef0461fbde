import { render } from 'preact';
import { type Query, readQuery, writeQuery } from '../query.ts';
import type { Update } from '../update.ts';
import type { View } from '../view.ts';
import { App, type Shown } from './app.tsx';
import { connect } from './connection.ts';

const root = document.getElementById('page');
if (root === null) throw new Error('the document has no place for the page');

const address = (): Query => readQuery(new URLSearchParams(location.search));
let shown: Shown = {
  ...{ query: address(), view: undefined },
  heard: { data: undefined, problem: undefined, againAtMs: undefined },
};

function show(change: Partial<Shown>): void {
  shown = { ...shown, ...change };
  render(<App {...shown} go={go} />, root as HTMLElement);
}

/** The server is not asked which story is open. */
const asked = (query: Query): string => writeQuery({ ...query, job: undefined });

/** Changes what is shown, and lets the address say so. */
function go(change: Partial<Query>, isStep = true): void {
  const query = { ...shown.query, ...change };
  const words = writeQuery(query);
  if (words === writeQuery(shown.query)) return;
  const url = words === '' ? location.pathname : `?${words}`;
  if (isStep) history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  take(query);
}

function take(query: Query): void {
  show({ query });
  connection.ask(asked(query));
}

function update(told: Update): void {
  show(told.kind === 'problem' ? { heard: { ...shown.heard, problem: told.message } } : renew(told));
}

function renew(told: Exclude<Update, { kind: 'problem' }>): Partial<Shown> {
  const data = { seenAtMs: performance.now() - told.ageMs };
  const view = told.kind === 'view' ? told.view : renewed(shown.view, told.takenAtMs);
  return { view, heard: { ...shown.heard, data, problem: undefined } };
}

/** The same, later. */
const renewed = (view: View | undefined, takenAtMs: number): View | undefined =>
  view === undefined ? undefined : { ...view, takenAtMs };

show({});
const connection = connect(asked(shown.query), {
  open: () => show({ heard: { ...shown.heard, againAtMs: undefined } }),
  lost: (againAtMs) => show({ heard: { ...shown.heard, againAtMs } }),
  update,
});
addEventListener('popstate', () => take(address()));
