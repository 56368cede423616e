import type { Spec } from '../command.ts';
import { type CommandNode, commandNodes } from './model.ts';

const LOOKUPS = {
  containers: `$(flatnet ps --all --json 2>/dev/null | sed -n 's/^ *"name": "\\(..*\\)",$/\\1/p')`,
  networks: `$(flatnet network ls --json 2>/dev/null | sed -n 's/^ *"name": "\\(..*\\)",$/\\1/p')`,
} as const;

function wordsOf(node: CommandNode): string {
  const flags = node.options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
  const choices = node.args.flatMap(({ choices: own }) => own);
  return [...node.children.map(({ name }) => name), ...choices, ...flags].join(' ');
}

function lookupOf(node: CommandNode): string {
  const kinds = node.args.map(({ completion }) => completion);
  return [
    kinds.includes('containers') ? ` ${LOOKUPS.containers}` : '',
    kinds.includes('networks') ? ` ${LOOKUPS.networks}` : '',
  ].join('');
}

function caseOf(node: CommandNode): string {
  return `    '${node.path}') words="${wordsOf(node)}${lookupOf(node)}" ;;`;
}

function fileOptions(nodes: readonly CommandNode[]): string {
  const options = nodes.flatMap((node) => node.options).filter(({ completion }) => completion === 'files');
  return [...new Set(options.map(({ long }) => long))].join('|');
}

/** For `source <(flatnet completion bash)`. */
export function bashCompletion(commands: readonly Spec[]): string {
  const nodes = commandNodes(commands);
  const paths = nodes.map(({ path }) => `'${path}'`).join('|');
  return `# bash completion for flatnet
_flatnet() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local path='' word words index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "\${path:+$path }$word" in
    ${paths}) path="\${path:+$path }$word" ;;
    esac
  done
  case $previous in
  ${fileOptions(nodes)})
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
    ;;
  esac
  case $path in
    '') words="${commands.map(({ name }) => name).join(' ')} help --help --version" ;;
${nodes.map(caseOf).join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _flatnet flatnet
`;
}
