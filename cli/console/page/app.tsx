import type { View } from '../view.ts';
import { Announcer } from './announcer.tsx';
import { clockTime } from './format.ts';
import { Jobs } from './jobs.tsx';
import { Faults, Ignored, Unread } from './lists.tsx';
import { Play } from './play.tsx';
import { StartUp } from './start-up.tsx';
import { Tasks } from './tasks.tsx';
import { Tiles } from './tiles.tsx';

export interface Shown {
  readonly view: View | undefined;
  /** Why the last look failed; what the one before showed stays. */
  readonly problem: string | undefined;
  readonly isConnected: boolean;
}

export function App({ view, problem, isConnected }: Shown) {
  return (
    <>
      <a class="skip" href="#jobs">
        Skip to the jobs
      </a>
      <header>
        <h1>
          oneshot <span class="stack">{view?.stack}</span>
        </h1>
        <p class={`live ${isConnected && !problem ? 'is-live' : 'is-stale'}`}>
          {isConnected ? (problem ? 'looked in vain' : 'live') : 'connecting'}
          {view && <time dateTime={new Date(view.takenAtMs).toISOString()}>{clockTime(view.takenAtMs)}</time>}
        </p>
      </header>
      {problem && (
        <p class="banner" role="alert">
          The last look failed: {problem}
        </p>
      )}
      {view ? <Content view={view} /> : <p class="waiting">Looking at the deployment …</p>}
    </>
  );
}

function Content({ view }: { readonly view: View }) {
  return (
    <>
      <Tiles view={view} />
      <Announcer view={view} />
      <main>
        <div class="wide">
          <Jobs view={view} />
          <Tasks view={view} />
        </div>
        <div class="narrow">
          {view.play && <Play play={view.play} />}
          <StartUp phases={view.phases} />
          <Faults faults={view.faults} />
          <Ignored rows={view.ignored} />
          <Unread sentences={view.unread} />
        </div>
      </main>
    </>
  );
}
