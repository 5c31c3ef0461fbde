import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Query } from '../query.ts';
import type { View } from '../view.ts';
import { Announcer } from './announcer.tsx';
import { Costs } from './costs.tsx';
import { Faults } from './faults.tsx';
import { clockTime } from './format.ts';
import { type Freshness, freshnessOf, type Heard } from './freshness.ts';
import type { Go } from './go.ts';
import { Jobs } from './jobs.tsx';
import { Ignored, Unread } from './lists.tsx';
import { Play } from './play.tsx';
import { StartUp } from './start-up.tsx';
import { Age, Banner } from './status.tsx';
import { Tasks } from './tasks.tsx';
import { Tiles } from './tiles.tsx';

export interface Shown {
  readonly query: Query;
  readonly view: View | undefined;
  readonly heard: Heard;
}

export function App({ query, view, heard, go }: Shown & { readonly go: Go }) {
  const fresh = freshnessOf(heard, useNow(1_000));
  const takenAt = view && clockTime(view.takenAtMs);
  // Drawn for a new view or query, and not for each second.
  const content = useMemo(() => view && <Content view={view} query={query} go={go} />, [view, query]);
  return (
    <>
      <a class="skip" href="#jobs">
        Skip to the jobs
      </a>
      <header>
        <h1>
          oneshot <span class="stack">{view?.stack}</span>
        </h1>
        <Age fresh={fresh} takenAtMs={view?.takenAtMs} />
        <Banner fresh={fresh} problem={heard.problem} takenAt={takenAt} isLocal={view?.play !== undefined} />
      </header>
      <div class={isOld(fresh) ? 'old' : ''}>
        {content ?? <p class="waiting">Looking at the deployment …</p>}
      </div>
    </>
  );
}

const isOld = ({ kind }: Freshness): boolean => kind === 'old' || kind === 'stopped' || kind === 'failing';

/** Of `performance.now`, and drawn again that often. */
function useNow(everyMs: number): number {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((count) => count + 1), everyMs);
    return () => clearInterval(timer);
  }, []);
  return performance.now();
}

interface ContentProps {
  readonly view: View;
  readonly query: Query;
  readonly go: Go;
}

function Content({ view, query, go }: ContentProps) {
  return (
    <>
      <Tiles view={view} query={query} />
      <Announcer view={view} />
      <main>
        <div class="wide">
          <Jobs view={view} query={query} go={go} />
          <Tasks view={view} />
        </div>
        <div class="narrow">
          {view.play && <Play play={view.play} />}
          <StartUp phases={view.phases} />
          <Costs costs={view.costs} region={view.region} />
          <Faults faults={view.faults} />
          <Ignored rows={view.ignored} />
          <Unread sentences={view.unread} />
        </div>
      </main>
    </>
  );
}
