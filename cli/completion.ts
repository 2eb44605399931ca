import type { Command, Option } from 'commander';
import { type Cli, example } from './command.ts';
import { UsageError } from './connection.ts';

/** One command of the tree: the words that lead to it, and what may follow. */
interface Node {
  readonly words: readonly string[];
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly { readonly flag: string; readonly about: string; readonly takesValue: boolean }[];
}

const SHELLS: Readonly<Record<string, (nodes: readonly Node[]) => string>> = { bash, zsh, fish };

/** `entente completion`: a script for the shell, made from the commands themselves. */
export function addCompletion(program: Command, cli: Cli): void {
  example(
    program
      .command('completion <shell>')
      .description('print what makes bash, zsh or fish complete commands and options')
      .action((shell: string) => {
        const print = SHELLS[shell];
        if (!print)
          throw new UsageError(`There is no completion for "${shell}", only for ${Object.keys(SHELLS).join(', ')}.`);
        cli.out(print(nodesOf(program)));
      }),
    'source <(entente completion bash)',
    'entente completion zsh > ~/.zfunc/_entente',
    'entente completion fish > ~/.config/fish/completions/entente.fish',
  );
}

function nodesOf(program: Command): Node[] {
  const ofProgram = program.options.map(optionOf);
  const walk = (command: Command, words: readonly string[]): Node[] => [
    {
      words,
      commands: command.commands.map((one) => ({ name: one.name(), about: one.description() })),
      options: [
        ...(command === program ? [] : command.options.map(optionOf)),
        ...ofProgram,
        { flag: '--help', about: 'show help', takesValue: false },
      ],
    },
    ...command.commands.flatMap((one) => walk(one, [...words, one.name()])),
  ];
  return walk(program, []);
}

const optionOf = (option: Option) => ({
  flag: option.long ?? option.short ?? '',
  about: option.description,
  takesValue: option.required || option.optional,
});

/** The commands typed so far lead to a node; options and their values are skipped on the way. */
function bash(nodes: readonly Node[]): string {
  const cases = nodes.map(({ words, commands, options }) => {
    const next = [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ');
    return `    "${words.join(' ')}") next="${next}" ;;`;
  });
  return `# bash completion for entente
_entente() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at="" next="" word i skip=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if ((skip)); then skip=0; continue; fi
    case "$word" in
      ${valueFlags(nodes).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case " ${allPaths(nodes)} " in *" \${at:+$at/}$word "*) at="\${at:+$at/}$word" ;; esac
  done
  if ((skip)); then COMPREPLY=($(compgen -f -- "$current")); return; fi
  case "\${at//\\// }" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "$current"))
}
complete -o default -F _entente entente
`;
}

function zsh(nodes: readonly Node[]): string {
  const cases = nodes.map(({ words, commands, options }) => {
    const next = [
      ...commands.map(({ name, about }) => `'${name}:${clean(about)}'`),
      ...options.map(({ flag, about }) => `'${flag}:${clean(about)}'`),
    ].join(' ');
    return `    '${words.join(' ')}') next=(${next}) ;;`;
  });
  return `#compdef entente
_entente() {
  local at="" word skip=0 i
  local -a next
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if ((skip)); then skip=0; continue; fi
    case "$word" in
      ${valueFlags(nodes).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case " ${allPaths(nodes)} " in *" \${at:+$at/}$word "*) at="\${at:+$at/}$word" ;; esac
  done
  if ((skip)); then _files; return; fi
  case "\${at//\\// }" in
${cases.join('\n')}
  esac
  _describe 'entente' next || _files
}
compdef _entente entente
`;
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ words, commands, options }) => {
    const test = `__entente_at '${words.join(' ')}'`;
    return [
      ...commands.map(({ name, about }) => `complete -c entente -f -n "${test}" -a '${name}' -d '${clean(about)}'`),
      ...options.map(
        ({ flag, about, takesValue }) =>
          `complete -c entente -n "${test}" -l '${flag.slice(2)}'${takesValue ? ' -r' : ''} -d '${clean(about)}'`,
      ),
    ];
  });
  return `# fish completion for entente
function __entente_at
  set -l at
  set -l skip 0
  for word in (commandline -opc)[2..]
    if test $skip = 1; set skip 0; continue; end
    if contains -- $word ${valueFlags(nodes).join(' ')}; set skip 1; continue; end
    if string match -q -- '-*' $word; continue; end
    if contains -- (string join / $at $word) ${allPaths(nodes)}; set -a at $word; end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

const valueFlags = (nodes: readonly Node[]): string[] => [
  ...new Set(nodes.flatMap(({ options }) => options.filter((one) => one.takesValue).map((one) => one.flag))),
];
const allPaths = (nodes: readonly Node[]): string =>
  nodes
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => words.join('/'))
    .join(' ');
/** Nothing in a description may end the quotes around it. */
const clean = (text: string): string => text.replace(/['"`$\\:]/g, ' ');
