import { render } from 'preact';
import type { Update } from '../feed.ts';
import { App, type Shown } from './app.tsx';

const root = document.getElementById('page');
if (root === null) throw new Error('the document has no place for the page');

let shown: Shown = { view: undefined, problem: undefined, isConnected: false };
function show(change: Partial<Shown>): void {
  shown = { ...shown, ...change };
  render(<App {...shown} />, root as HTMLElement);
}

show({});
// Connects again by itself, and is then told everything.
const updates = new EventSource('events');
updates.addEventListener('open', () => show({ isConnected: true }));
updates.addEventListener('error', () => show({ isConnected: false }));
updates.addEventListener('update', ({ data }) => {
  const update: Update = JSON.parse(data);
  if (update.kind === 'view') show({ view: update.view, problem: undefined });
  else show({ problem: update.message });
});
