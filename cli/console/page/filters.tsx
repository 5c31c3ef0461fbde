import type { FilterName } from '../filter.ts';
import { PHASE_NAMES, type Query, START, WINDOWS, type Window } from '../query.ts';
import type { View } from '../view.ts';
import type { Go } from './go.ts';

interface FiltersProps {
  readonly query: Query;
  readonly choices: View['choices'];
  readonly go: Go;
}

const NAMES: readonly { readonly name: FilterName; readonly words: string; readonly any: string }[] = [
  { name: 'phase', words: 'Phase', any: 'any phase' },
  { name: 'outcome', words: 'Outcome', any: 'any outcome' },
  { name: 'repository', words: 'Repository', any: 'any repository' },
  { name: 'label', words: 'Label', any: 'any label' },
];
const NONE = { phase: '', outcome: '', repository: '', label: '', search: '' } as const;

/** Another filter begins with the first rows. */
const fromTheFirst = { rows: START.rows };

export function Filters({ query, choices, go }: FiltersProps) {
  const isSet = Object.keys(NONE).some((name) => query[name as keyof typeof NONE] !== '');
  return (
    <search class="filters">
      <label>
        <span class="hidden">Search names, repositories, labels, phases and outcomes</span>
        <input
          type="search"
          placeholder="Search"
          value={query.search}
          // Its first letter is a step, which the back button undoes; the rest of the word is none.
          onInput={(event) => go({ ...fromTheFirst, search: event.currentTarget.value }, query.search === '')}
        />
      </label>
      {NAMES.map(({ name, words, any }) => (
        <label key={name}>
          <span class="hidden">{words}</span>
          <select
            value={query[name]}
            onChange={(event) => go({ ...fromTheFirst, [name]: event.currentTarget.value })}
          >
            <option value="">{any}</option>
            {ordered(name, choices).map(({ value, count }) => (
              <option key={value} value={value}>
                {value} ({count})
              </option>
            ))}
          </select>
        </label>
      ))}
      {isSet && (
        <button type="button" onClick={() => go({ ...fromTheFirst, ...NONE })}>
          Show all
        </button>
      )}
    </search>
  );
}

/** Phases in the order of a job's life. */
function ordered(name: FilterName, choices: View['choices']): View['choices'][FilterName] {
  if (name !== 'phase') return choices[name];
  const names: readonly string[] = PHASE_NAMES;
  const place = ({ value }: { readonly value: string }) => names.indexOf(value);
  return choices.phase.toSorted((a, b) => place(a) - place(b));
}

export const Windows = ({ query, go }: Pick<FiltersProps, 'query' | 'go'>) => (
  <fieldset class="windows">
    <legend class="hidden">How far back</legend>
    {(Object.keys(WINDOWS) as Window[]).map((name) => (
      <label key={name}>
        <input
          type="radio"
          name="window"
          class="hidden"
          checked={query.window === name}
          onChange={() => go({ ...fromTheFirst, window: name })}
        />
        <span>{WINDOWS[name].words}</span>
      </label>
    ))}
  </fieldset>
);
