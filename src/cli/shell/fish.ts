import type { Spec } from '../command.ts';
import { type CommandNode, commandNodes } from './model.ts';

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function conditionFor(path: string): string {
  return quote(`__flatnet_at ${path}`);
}

function childLines(path: string, children: readonly Spec[]): readonly string[] {
  return children.map(
    ({ name, summary }) => `complete -c flatnet -f -n ${conditionFor(path)} -a ${name} -d ${quote(summary)}`,
  );
}

function nodeLines(node: CommandNode): readonly string[] {
  const at = `complete -c flatnet -n ${conditionFor(node.path)}`;
  const options = node.options.map(({ short, long, value, description, completion }) => {
    const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
    const takes = value === undefined ? '' : completion === 'files' ? ' -r -F' : ' -x';
    return `${at} -l ${long.slice(2)}${letter}${takes} -d ${quote(description)}`;
  });
  const choices = node.args.flatMap(({ choices: own }) => own).map((choice) => `${at} -f -a ${choice}`);
  return [...childLines(node.path, node.children), ...choices, ...options];
}

/** For `flatnet completion fish | source`. */
export function fishCompletion(commands: readonly Spec[]): string {
  const nodes = commandNodes(commands);
  return `# fish completion for flatnet
function __flatnet_at
    set -l words (commandline -opc | string match -v -- '-*')
    test "$words[2..-1]" = "$argv"
end
complete -c flatnet -f
${childLines('', commands).join('\n')}
${nodes.flatMap(nodeLines).join('\n')}
`;
}
