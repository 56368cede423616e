import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');

/** One text of an error, wherever in the sources it is made. */
export interface Sentence {
  readonly file: string;
  /** What fails (`message`), or why and what to do (`details`). */
  readonly part: 'message' | 'details';
  /** Its values replaced by "…". */
  readonly text: string;
  /** The expressions of those values that stand without double quotes around them. */
  readonly bare: readonly string[];
}

/** Classes and functions that make errors, with the place of the message among their arguments. */
const MAKERS: Readonly<Record<string, number>> = {
  CniError: 1,
  FlatnetError: 1,
  IpamError: 1,
  BridgeConflictError: 0,
  CliError: 0,
  invalid: 0,
  super: 0,
};

/** The same for remedies; elsewhere they are properties. */
const REMEDIES: Readonly<Record<string, number>> = { BridgeConflictError: 1, CliError: 1, invalid: 1 };
const PARTS: Readonly<Record<string, Sentence['part']>> = {
  doing: 'message',
  details: 'details',
  remedy: 'details',
};

type Text = Pick<Sentence, 'text' | 'bare'>;

function fromTemplate({ head, templateSpans }: ts.TemplateExpression): Text {
  const bare: string[] = [];
  let text = head.text;
  for (const { expression, literal } of templateSpans) {
    if (!text.endsWith('"') || !literal.text.startsWith('"')) bare.push(expression.getText());
    text += `…${literal.text}`;
  }
  return { text, bare };
}

/** The texts that an expression can be; nothing of what is computed elsewhere. */
function textsOf(node: ts.Node | undefined): readonly Text[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [{ text: node.text, bare: [] }];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  return ts.isTemplateExpression(node) ? [fromTemplate(node)] : [];
}

/** The class or function that is called, and its arguments. */
function madeBy(node: ts.Node) {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return undefined;
  return { maker: node.expression.getText(), words: node.arguments ?? [] };
}

function sentencesIn(node: ts.Node): readonly Omit<Sentence, 'file'>[] {
  const as = (part: Sentence['part'], texts: readonly Text[]) => texts.map((text) => ({ part, ...text }));
  if (ts.isPropertyAssignment(node)) {
    const part = PARTS[node.name.getText()];
    return part === undefined ? [] : as(part, textsOf(node.initializer)).map(asSentence(node.name.getText()));
  }
  const made = madeBy(node);
  if (made === undefined) return [];
  const { maker, words } = made;
  return [
    ...as('message', textsOf(words[MAKERS[maker] ?? words.length])),
    ...as('details', textsOf(words[REMEDIES[maker] ?? words.length])),
  ];
}

/** `doing: 'read it'` becomes "Cannot read it". */
const asSentence = (property: string) => (sentence: Omit<Sentence, 'file'>) =>
  property === 'doing' ? { ...sentence, text: `Cannot ${sentence.text}` } : sentence;

/** Every text of an error in the sources, the command line's among them. */
export function collectSentences(): readonly Sentence[] {
  return globSync('src/**/*.ts', { cwd: ROOT })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      const found: Sentence[] = [];
      const visit = (node: ts.Node): void => {
        found.push(...sentencesIn(node).map((sentence) => ({ file, ...sentence })));
        ts.forEachChild(node, visit);
      };
      visit(source);
      return found;
    });
}
