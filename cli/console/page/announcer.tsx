import { useEffect, useRef, useState } from 'preact/hooks';
import type { View } from '../view.ts';
import { counted } from './format.ts';

/** Often enough to follow, and not so often that nothing else can be heard. */
const EVERY_MS = 20_000;

/** For who hears the page: the counts, now and then. */
export function Announcer({ view: { counts, faults } }: { readonly view: View }) {
  const words = `${counted(counts.queued, 'job')} queued, ${counts.starting} starting, ${counts.running} running, ${counts.done} done, ${counted(faults.all, 'kind')} of faults.`;
  const newest = useRef(words);
  newest.current = words;
  const [said, say] = useState(words);
  useEffect(() => {
    const timer = setInterval(() => say(newest.current), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="hidden" role="status">
      {said}
    </p>
  );
}
