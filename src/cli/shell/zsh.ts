import type { Spec } from '../command.ts';
import { type CommandNode, commandNodes } from './model.ts';

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** zsh gives brackets and colons a meaning inside a specification. */
function plain(text: string): string {
  return text.replaceAll(/[[\]:]/g, '\\$&');
}

function describe(children: readonly Spec[]): string {
  return children.map(({ name, summary }) => `      ${quote(`${name}:${plain(summary)}`)}`).join('\n');
}

function optionSpecs(node: CommandNode): readonly string[] {
  return node.options.map(({ short, long, value, description, completion }) => {
    const names = short === undefined ? quote(long) : `{${short},${long}}`;
    const takes = value === undefined ? '' : `:${plain(value)}:${completion === 'files' ? '_files' : ''}`;
    return `${names}${quote(`[${plain(description)}]${takes}`)}`;
  });
}

function caseOf(node: CommandNode): string {
  if (node.children.length > 0) {
    return `    ${quote(node.path)})
      candidates=(
${describe(node.children)}
      )
      _describe command candidates
      ;;`;
  }
  const choices = node.args.flatMap(({ choices: own }) => own);
  const positional = choices.length > 0 ? [quote(`1:argument:(${choices.join(' ')})`)] : [];
  return `    ${quote(node.path)})
      _arguments ${[...optionSpecs(node), ...positional].join(' ')}
      ;;`;
}

/** For `flatnet completion zsh > "${fpath[1]}/_flatnet"`. */
export function zshCompletion(commands: readonly Spec[]): string {
  const nodes = commandNodes(commands);
  const paths = nodes.map(({ path }) => quote(path)).join('|');
  return `#compdef flatnet
_flatnet() {
  local path_='' word
  local -a candidates
  local -i index
  for ((index = 2; index < CURRENT; index++)); do
    word=$words[index]
    case "\${path_:+$path_ }$word" in
      ${paths}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
  case $path_ in
    '')
      candidates=(
${describe(commands)}
      )
      _describe command candidates
      ;;
${nodes.map(caseOf).join('\n')}
  esac
}
compdef _flatnet flatnet
`;
}
