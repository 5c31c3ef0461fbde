import { useEffect, useState } from 'preact/hooks';
import type { Play as Choices } from '../play.ts';
import { act } from './act.ts';

/** The share of opportunities at which a fault strikes that is switched on. */
const RATE = 0.25;

/** What a person may do in the embedded world. */
export function Play({ play }: { readonly play: Choices }) {
  return (
    <section aria-labelledby="play" class="play">
      <h2 id="play">Try it</h2>
      <QueueForm {...play} />
      <details>
        <summary>Faults{onOf(play)}</summary>
        <ul class="faults">
          {play.faults.map((fault) => (
            <FaultSwitch key={fault.name} {...fault} />
          ))}
        </ul>
      </details>
    </section>
  );
}

function onOf({ faults }: Choices): string {
  const on = faults.filter(({ rate }) => rate > 0).length;
  return on === 0 ? '' : `: ${on} on`;
}

function QueueForm({ repositories, labels }: Choices) {
  const [said, say] = useState('');
  const queue = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    const number = (name: string) => Number(data.get(name));
    const asked = { repository: data.get('repository'), labels: data.get('labels') };
    const problem = await act('queue', { ...asked, jobs: number('jobs'), seconds: number('seconds') });
    say(problem ?? `${number('jobs')} queued`);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void queue(event.currentTarget);
      }}
    >
      <Choice name="repository" words="Repository" values={repositories} />
      <Choice name="labels" words="runs-on" values={labels} />
      <label>
        Jobs <input name="jobs" type="number" min="1" max="256" value="12" required />
      </label>
      <label>
        Seconds each <input name="seconds" type="number" min="1" max="3600" value="60" required />
      </label>
      <button type="submit">Queue a matrix</button>
      <p class="said" role="status">
        {said}
      </p>
    </form>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly words: string;
  readonly values: readonly string[];
}

const Choice = ({ name, words, values }: ChoiceProps) => (
  <label>
    {words}
    <select name={name}>
      {values.map((value) => (
        <option key={value}>{value}</option>
      ))}
    </select>
  </label>
);

function FaultSwitch({ name, what, rate, struck }: Choices['faults'][number]) {
  const isOn = rate > 0;
  // As it was asked to be, until the next look says what it is.
  const [asked, ask] = useState(isOn);
  useEffect(() => ask(isOn), [isOn]);
  const change = async () => {
    ask(!asked);
    if ((await act('fault', { name, rate: asked ? 0 : RATE })) !== undefined) ask(isOn);
  };
  return (
    <li>
      <label>
        <input type="checkbox" checked={asked} onChange={() => void change()} />
        <span>
          {name}
          <small>
            {what}
            {struck > 0 && `; struck ${struck} times`}
          </small>
        </span>
      </label>
    </li>
  );
}
