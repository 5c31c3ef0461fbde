import type { Choice, Place } from './words.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Tells the path of commands from the words before the cursor; both shells have words and `case` in common. */
const followPath = (places: readonly Place[]): string => {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `case "\${at:+$at }$word" in ${paths.join('|')}) at="\${at:+$at }$word" ;; esac`;
};

/** A line for the options that take a value, by what offers the values. */
function values(places: readonly Place[], offer: (choice: Choice) => string): string {
  const byOffer = new Map<string, string[]>();
  for (const { path, options } of places)
    for (const option of options.filter(({ takesValue }) => takesValue))
      byOffer.set(offer(option), [...(byOffer.get(offer(option)) ?? []), quoted(`${path}:${option.word}`)]);
  return [...byOffer]
    .map(([offered, patterns]) => `    ${patterns.join('|')}) ${offered}return ;;`)
    .join('\n');
}

export const bash = (places: readonly Place[]): string => {
  const all = ({ words, options }: Place) => [...words, ...options].map(({ word }) => word).join(' ');
  const offer = ({ isFile, values: known }: Choice) => {
    if (isFile) return 'compopt -o default; ';
    return known.length === 0 ? '' : `COMPREPLY=($(compgen -W ${quoted(known.join(' '))} -- "$cur")); `;
  };
  return `# bash completion of oneshot: eval "$(oneshot completion bash)"
_oneshot() {
  local at='' word cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    ${followPath(places)}
  done
  COMPREPLY=()
  case "$at:$prev" in
${values(places, offer)}
  esac
  case "$at" in
${places.map((place) => `    ${quoted(place.path)}) word=${quoted(all(place))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$word" -- "$cur"))
}
complete -F _oneshot oneshot
`;
};

export const zsh = (places: readonly Place[]): string => {
  const items = ({ words, options }: Place) =>
    [...words, ...options].map(({ word, what }) => quoted(`${word}:${what}`)).join(' ');
  const offer = ({ isFile, values: known }: Choice) => {
    if (isFile) return '_files; ';
    return known.length === 0 ? '' : `compadd -- ${known.map(quoted).join(' ')}; `;
  };
  return `# zsh completion of oneshot: eval "$(oneshot completion zsh)"
_oneshot() {
  local at='' word
  local -a items
  for word in "\${(@)words[2,CURRENT-1]}"; do
    ${followPath(places)}
  done
  case "$at:\${words[CURRENT-1]}" in
${values(places, offer)}
  esac
  case "$at" in
${places.map((place) => `    ${quoted(place.path)}) items=(${items(place)}) ;;`).join('\n')}
  esac
  _describe oneshot items
}
compdef _oneshot oneshot
`;
};

export const fish = (places: readonly Place[]): string => {
  const condition = ({ path }: Place) =>
    path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`;
  const option = (place: Place, { word, short, what, takesValue, values: known, isFile }: Choice) =>
    [
      `complete -c oneshot -n ${quoted(condition(place))} -l ${word.slice(2)}`,
      ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
      ...(takesValue ? [isFile ? '-rF' : '-x'] : []),
      ...(known.length === 0 ? [] : [`-a ${quoted(known.join(' '))}`]),
      `-d ${quoted(what)}`,
    ].join(' ');
  const lines = places.flatMap((place) => [
    ...place.words.map(
      ({ word, what }) => `complete -c oneshot -n ${quoted(condition(place))} -a ${word} -d ${quoted(what)}`,
    ),
    ...place.options.map((one) => option(place, one)),
  ]);
  return `# fish completion of oneshot: oneshot completion fish | source\ncomplete -c oneshot -f\n${lines.join('\n')}\n`;
};
