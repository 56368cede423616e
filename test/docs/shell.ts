import type { Document } from './markdown.ts';

/** One command of a document, its words as the shell would hand them over. */
export interface Command {
  /** `docs/setup/phase-2-setup.md:12`. */
  readonly where: string;
  readonly words: readonly string[];
  /** Whether `NAME=value` stood before it. */
  readonly hasEnvironment: boolean;
}

const TOKEN = /\s*(?:(\|\||&&|[|;])|((?:"(?:\\.|[^"])*"|'[^']*'|\\.|[^\s|;&"'])+))/gy;

function unquote(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"])*)"|'([^']*)'|\\(.)/g, (_all, ...parts: (string | undefined)[]) =>
    (parts[0] ?? parts[1] ?? parts[2] ?? '').replaceAll(/\\(["\\$`])/g, '$1'),
  );
}

/** The simple commands of a line, those in `$(…)` too; throws for what it cannot take apart. */
export function splitCommands(line: string): readonly (readonly string[])[] {
  const inner = [...line.matchAll(/\$\(([^()]*)\)/g)].flatMap(({ 1: text = '' }) => splitCommands(text));
  const outer = line
    .replaceAll(/\$\([^()]*\)/g, 'SUBSTITUTED')
    .replace(/\s#\s.*$/, '')
    .trimEnd();
  const commands: string[][] = [[]];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < outer.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(outer);
    if (match === null) throw new Error(`Cannot take apart "${outer}" at column ${at + 1}`);
    if (match[1] !== undefined) commands.push([]);
    else commands.at(-1)?.push(unquote(match[2] ?? ''));
  }
  return [...inner, ...commands].filter((words) => words.length > 0);
}

function withoutPrefix(words: readonly string[]): { words: readonly string[]; hasEnvironment: boolean } {
  const start = words.findIndex((word) => word !== 'sudo' && !/^[A-Z_]+=/.test(word));
  return {
    words: start < 0 ? [] : words.slice(start),
    hasEnvironment: words.slice(0, Math.max(0, start)).some((word) => word.includes('=')),
  };
}

/** The lines of a shell block that are commands. */
export function commandLines(text: string): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim().replace(/^\w+\(\) \{ (.*); \}$/, '$1'))
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Every command in the shell blocks of a document, and every mention of flatnet's own in its text. */
export function commandsOf({ path, blocks, spans }: Document): readonly Command[] {
  const shown = blocks
    .filter(({ language }) => ['sh', 'bash'].includes(language))
    .flatMap(({ text, line }) =>
      commandLines(text).map((command) => ({ where: `${path}:${line}`, command })),
    );
  const mentioned = spans
    // "…" and "|" stand for something.
    .filter((span) => /^(sudo )?flatnet [a-z]/.test(span) && !/[…|[]/.test(span))
    .map((command) => ({ where: path, command }));
  return [...shown, ...mentioned].flatMap(({ where, command }) =>
    splitCommands(command).map((words) => ({ where, ...withoutPrefix(words) })),
  );
}
