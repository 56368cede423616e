import type { Answer } from './history.ts';
import { type Reason, reasonsAgainst, stickyOf, type World } from './model.ts';
import type { Asked } from './plan.ts';

/*
 * How calls have to end.
 */

/** What is known of a call before it is made. */
export interface Outlook {
  readonly against: readonly Reason[];
  /** The addresses that it has to get. */
  readonly sticky?: readonly string[] | undefined;
}

/** By number of the call. */
export type Reasons = ReadonlyMap<number, Outlook>;

/** host-local's own errors have that number. */
const isDelegated = (triple: string): boolean => triple.startsWith('n3');

/** What stands against the calls as things are. */
export function reasonsOf(asked: readonly Asked[], world: World): Reasons {
  return new Map(
    asked.flatMap(({ number, call }) =>
      call?.do === 'add'
        ? [[number, { against: reasonsAgainst(call, world), sticky: stickyOf(call, world) }]]
        : [],
    ),
  );
}

/** What a call is judged by. */
export interface Measure {
  readonly before: Outlook;
  /** What stands against it once what ran beside it is done; empty for a call that ran alone. */
  readonly after: readonly Reason[];
  readonly isAlone: boolean;
  /** Whether a call beside it may have had its address for a moment. */
  readonly isContested: boolean;
  /** Whether `reload` may have something to say: state was damaged before, or is being written. */
  readonly mayWarn: boolean;
}

/** One JSON document or, for a verb that succeeds without one, nothing. */
function judgeProtocol({ what, triple = '' }: Asked, { code, stdout, stderr }: Answer): string[] {
  if (/\n\s+at /.test(stderr)) return [`it shows a stack trace: ${stderr}`];
  if (what === 'command') return code > 2 ? [`it ends with code ${code}`] : [];
  if (code === 0) return what === 'add' || stdout === '' ? [] : [`it succeeds and prints ${stdout}`];
  try {
    const document = JSON.parse(stdout);
    const isError =
      code === 1 && typeof document.msg === 'string' && (document.code !== 999 || isDelegated(triple));
    return isError ? [] : [`it ends with ${code} and ${stdout}`];
  } catch {
    return [`it ends with ${code} and no document: ${stdout}`];
  }
}

function judgeAdd({ triple = '' }: Asked, { code, stdout }: Answer, measure: Measure): string[] {
  const { before, after, isAlone } = measure;
  const certain = before.against.filter(({ isCertain }) => isCertain);
  if (code === 0) {
    // Which address a dead container keeps is host-local's word: an ADD that it refused may have freed it.
    if (isAlone && certain.length > 0 && !isDelegated(triple))
      return [`it succeeds, although ${certain.map(({ what }) => what).join(', ')}`];
    return isAlone ? judgeSticky(stdout, before.sticky) : [];
  }
  if (before.against.length === 0 && after.length === 0 && !measure.isContested)
    return [`nothing is against ${triple}, and it fails: ${stdout}`];
  const [only] = certain;
  if (before.against.length !== 1 || only?.owner === undefined || isNamed(only.owner, stdout)) return [];
  return [`it does not name ${only.owner}: ${stdout}`];
}

/** Whether an error names a container, by id or by name. */
function isNamed(container: string, stdout: string): boolean {
  const { msg, details = '' } = JSON.parse(stdout);
  return new RegExp(`"${container}"|\\bn${container}\\b`).test(`${msg} ${details}`);
}

function judgeSticky(stdout: string, sticky: readonly string[] | undefined): string[] {
  const got: string[] = JSON.parse(stdout).ips.map(({ address }: any) => address.replace(/\/\d+$/, ''));
  const isSame = sticky === undefined || sticky.every((one) => got.includes(one));
  return isSame ? [] : [`it had ${sticky.join()} before, which nobody has, and gets ${got.join()}`];
}

function judgeOutcome(asked: Asked, answer: Answer, measure: Measure): string[] {
  const { code, stdout, stderr } = answer;
  switch (asked.what) {
    case 'add':
      return judgeAdd(asked, answer, measure);
    case 'command':
      return code === 0 || (measure.mayWarn && code === 1)
        ? []
        : [`it ends with code ${code}: ${stdout}${stderr}`];
    case 'del':
    case 'check':
    case 'collect':
      return code === 0 ? [] : [`it fails: ${stdout}`];
  }
}

/** What is wrong with an answer. */
export function judgeAnswer(asked: Asked, answer: Answer, measure: Measure): readonly string[] {
  const problems = judgeProtocol(asked, answer);
  const found = problems.length > 0 ? problems : judgeOutcome(asked, answer, measure);
  return found.map((problem) => `call ${asked.number}, ${asked.what} ${asked.triple ?? ''}: ${problem}`);
}
