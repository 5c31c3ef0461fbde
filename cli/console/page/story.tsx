import { useEffect, useState } from 'preact/hooks';
import type { Story as Told } from '../../doctor/story.ts';
import { clockTime, span } from './format.ts';

type Answer = Pick<Told, 'title' | 'chapters' | 'verdict' | 'isWell'>;
type Asked =
  | { readonly story: Answer; readonly problem?: undefined }
  | { readonly problem: string; readonly story?: undefined };

interface StoryProps {
  readonly jobId: number;
  /** What is known of the job now: the story is told again when it changes. */
  readonly stamp: string;
}

/** What `oneshot doctor --job` tells. */
export function Story({ jobId, stamp }: StoryProps) {
  const [asked, setAsked] = useState<Asked>();
  useEffect(() => {
    let isWanted = true;
    void ask(jobId).then((answer) => isWanted && setAsked(answer));
    return () => {
      isWanted = false;
    };
  }, [jobId, stamp]);
  if (asked === undefined) return <p role="status">Reading the logs for its story …</p>;
  if (asked.story === undefined) return <p role="alert">Its story could not be told: {asked.problem}.</p>;
  return <Chapters {...asked.story} />;
}

async function ask(jobId: number): Promise<Asked> {
  try {
    const answer = await fetch(`jobs/${jobId}/story`);
    const said = await answer.json();
    return answer.ok ? { story: said } : { problem: said.problem };
  } catch {
    return { problem: 'the console does not answer' };
  }
}

function Chapters({ title, chapters, verdict, isWell }: Answer) {
  const firstAtMs = chapters[0]?.atMs ?? 0;
  return (
    <>
      <p class={`verdict ${isWell ? 'well' : 'unwell'}`}>
        <b>{verdict}</b>
      </p>
      <p class="hidden">{title}</p>
      <ol class="chapters">
        {chapters.map(({ atMs, what }, index) => (
          <li key={index}>
            <time dateTime={new Date(atMs).toISOString()}>{clockTime(atMs)}</time>
            <span class="since">+{span(atMs - firstAtMs)}</span>
            <span class="what">{what}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
