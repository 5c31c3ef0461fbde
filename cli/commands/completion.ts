import { Argument } from 'commander';
import { bash, fish, zsh } from '../completion/scripts.ts';
import { placesOf } from '../completion/words.ts';
import { type AddCommand, worksOffline } from '../context.ts';

const SHELLS = { bash, zsh, fish };

export const addCompletion: AddCommand = (program, context) => {
  worksOffline(
    program
      .command('completion')
      .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
      .description('print a script that completes commands, options and their values in a shell')
      .addHelpText(
        'after',
        '\nbash: eval "$(oneshot completion bash)" in ~/.bashrc\n' +
          'zsh:  eval "$(oneshot completion zsh)" in ~/.zshrc, below compinit\n' +
          'fish: oneshot completion fish > ~/.config/fish/completions/oneshot.fish',
      ),
  ).action((shell: keyof typeof SHELLS) => {
    const script = SHELLS[shell](placesOf(program));
    context().output.answer({ shell, script }, () => script.trimEnd());
  });
};
