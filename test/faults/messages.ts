import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');

/** A message that flatnet can answer with, its values replaced by "…". */
export interface Message {
  readonly file: string;
  /** `CODE.unsupportedField`, an error's kind as the source quotes it, or the name of the error class. */
  readonly code: string;
  readonly text: string;
}

/** Classes and functions that make errors, with the place of the message among their arguments. */
const MAKERS: Readonly<Record<string, number>> = {
  CniError: 1,
  FlatnetError: 1,
  IpamError: 1,
  BridgeConflictError: 0,
  invalid: 0,
  // Errors with a class of their own name what failed in it.
  super: 0,
};

/** The text of a literal or template; both branches of a condition; nothing for what is computed elsewhere. */
function textsOf(node: ts.Node | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (!ts.isTemplateExpression(node)) return [];
  const spans = node.templateSpans.map(({ literal }) => `…${literal.text}`);
  return [node.head.text + spans.join('')];
}

function fromCall(node: ts.Node): { code: string; text: string }[] {
  if (ts.isVariableDeclaration(node) && node.name.getText() === 'message') {
    return textsOf(node.initializer).map((text) => ({ code: '', text }));
  }
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return [];
  const name = node.expression.getText();
  const at = MAKERS[name];
  if (at === undefined) return [];
  const code =
    name === 'invalid' ? 'CODE.invalidEnvironment' : at === 0 ? name : (node.arguments?.[0]?.getText() ?? '');
  const texts = textsOf(node.arguments?.[at]);
  return texts
    .filter((text) => name !== 'super' || text.startsWith('Cannot'))
    .map((text) => ({ code, text }));
}

/** `{ kind: 'veth', doing: '...' }` becomes "Cannot ...". */
function fromDoing(node: ts.Node): { code: string; text: string }[] {
  if (!ts.isObjectLiteralExpression(node)) return [];
  const property = (name: string) =>
    node.properties
      .filter((each) => ts.isPropertyAssignment(each))
      .find((each) => each.name.getText() === name)?.initializer;
  const code = property('kind')?.getText();
  return code === undefined
    ? []
    : textsOf(property('doing')).map((text) => ({ code, text: `Cannot ${text}` }));
}

/** What serves CNI, and most of which serves netavark too. */
const PLUGIN = 'src/{input,cni,attachment,ipam,firewall,bridge,veth,sys}/**/*.ts';

/** Every message in the sources of the plugin, or in others, found in their syntax. */
export function collectMessages(sources = PLUGIN): readonly Message[] {
  const files = globSync(sources, { cwd: ROOT }).sort();
  return files.flatMap((file) => {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(ROOT, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    const found: Message[] = [];
    const visit = (node: ts.Node): void => {
      found.push(...[...fromCall(node), ...fromDoing(node)].map((message) => ({ file, ...message })));
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}
