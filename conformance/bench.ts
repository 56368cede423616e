import type { Reply, RunningCall, Verb } from './call.ts';
import { ensure } from './case.ts';
import { describeReply, ensureSuccess } from './expect.ts';
import type { Sandbox } from './host.ts';
import type { AttachmentParameters, Variation } from './request.ts';
import type { AddResult } from './result.ts';
import {
  addAlongChain,
  callSubject,
  deleteAlongChain,
  prevResultFor,
  startSubject,
  type Runtime,
} from './runtime.ts';
import type { Snapshot } from './snapshot.ts';
import { newestUsable, type Subject } from './subject.ts';
import type { World } from './world.ts';

export interface Attachment extends AttachmentParameters {
  readonly sandbox: Sandbox;
}

export interface Added {
  readonly attachment: Attachment;
  /** The result of the plugin under test. */
  readonly result: AddResult;
  /** The result of the chain: the prevResult of later calls. */
  readonly final: AddResult;
  readonly reply: Reply;
}

/** The attachments that GC keeps; `undefined` omits the key. */
export type ValidAttachments = readonly AttachmentParameters[] | undefined;

/** The tools of a case: a private world, and a plugin to call in it as a runtime would. */
export interface Bench {
  readonly subject: Subject;
  readonly host: World;
  /** Version of all calls without a variation: the newest usable. */
  readonly version: string;
  /** Every call so far, oldest first: the evidence of a failure. */
  readonly calls: readonly Reply[];
  /** A new container: a sandbox, a unique id, interface `eth0`. */
  attachment(changes?: Partial<AttachmentParameters>): Promise<Attachment>;
  /** Runs ADD along the chain; returns the reply of the plugin under test, success or not. */
  tryAdd(attachment: AttachmentParameters, variation?: Variation): Promise<Reply>;
  /** Fails the case unless ADD succeeds. */
  add(attachment: Attachment, variation?: Variation): Promise<Added>;
  tryDel(attachment: AttachmentParameters, variation?: Variation): Promise<Reply>;
  del(attachment: AttachmentParameters, variation?: Variation): Promise<Reply>;
  /** CHECK of the plugin under test alone, with the result of the chain as prevResult. */
  tryCheck(attachment: AttachmentParameters, variation?: Variation): Promise<Reply>;
  check(attachment: AttachmentParameters, variation?: Variation): Promise<Reply>;
  tryStatus(variation?: Variation): Promise<Reply>;
  tryGc(valid: ValidAttachments, variation?: Variation): Promise<Reply>;
  gc(valid: ValidAttachments, variation?: Variation): Promise<Reply>;
  /** Any verb of the plugin under test alone; prevResult only if the variation has one. */
  call(verb: string, attachment?: AttachmentParameters, variation?: Variation): Promise<Reply>;
  /** Starts a call that is to be killed. */
  start(verb: Verb, attachment: AttachmentParameters, variation?: Variation): RunningCall;
  /** ADD and DEL of another container, so that the returned snapshot has what stays for the whole network. */
  warmUp(variation?: Variation): Promise<Snapshot>;
}

/** The caller disposes of the world. */
export function makeBench(subject: Subject, host: World): Bench {
  const runtime: Runtime = { subject, host, version: newestUsable(subject), calls: [], kept: new Map() };
  const bench = { ...runtime, ...calls(runtime), attachment: makeAttachment(host) };
  return { ...bench, warmUp: (variation) => warmUp(bench, variation) };
}

function calls(runtime: Runtime): Omit<Bench, keyof Runtime | 'attachment' | 'warmUp'> {
  const tryDel: Bench['tryDel'] = (attachment, variation) => deleteAlongChain(runtime, attachment, variation);
  const tryCheck: Bench['tryCheck'] = (attachment, variation) =>
    callSubject(runtime, 'CHECK', {
      attachment,
      variation,
      prevResult: prevResultFor(runtime, attachment, variation),
    });
  const tryGc: Bench['tryGc'] = (valid, variation) =>
    callSubject(runtime, 'GC', {
      variation: { ...variation, keys: { ...gcKeys(valid), ...variation?.keys } },
    });
  return {
    tryDel,
    tryCheck,
    tryGc,
    add: (attachment, variation) => add(runtime, attachment, variation),
    tryAdd: async (attachment, variation) => (await addAlongChain(runtime, attachment, variation)).reply,
    del: async (...request) => ensureSuccess(await tryDel(...request)),
    check: async (...request) => ensureSuccess(await tryCheck(...request)),
    gc: async (...request) => ensureSuccess(await tryGc(...request)),
    tryStatus: (variation) => callSubject(runtime, 'STATUS', { variation }),
    call: (verb, attachment, variation = {}) =>
      callSubject(runtime, verb, { attachment, variation, prevResult: variation.prevResult }),
    start: (verb, attachment, variation) =>
      startSubject(runtime, verb, {
        attachment,
        variation,
        prevResult: prevResultFor(runtime, attachment, variation),
      }),
  };
}

async function add(runtime: Runtime, attachment: Attachment, variation?: Variation): Promise<Added> {
  const { reply, final } = await addAlongChain(runtime, attachment, variation);
  ensureSuccess(reply);
  ensure(
    typeof reply.document === 'object' && reply.document !== null,
    `ADD ended with exit code 0 but printed no result: ${describeReply(reply)}`,
  );
  return { attachment, reply, final, result: reply.document as AddResult };
}

function makeAttachment(host: World): Bench['attachment'] {
  return async (changes = {}) => {
    const sandbox = await host.addSandbox();
    return {
      sandbox,
      netns: sandbox.path,
      containerID: `container-${sandbox.name}`,
      ifname: 'eth0',
      ...changes,
    };
  };
}

async function warmUp(
  { attachment, add: run, del, host }: Pick<Bench, 'attachment' | 'add' | 'del' | 'host'>,
  variation?: Variation,
): Promise<Snapshot> {
  const first = await attachment();
  await run(first, variation);
  await del(first, variation);
  await first.sandbox.remove();
  return host.snapshot();
}

/** Released as `cni.dev/attachments`, later corrected to `cni.dev/valid-attachments`: libcni sends both. */
function gcKeys(valid: ValidAttachments): Record<string, unknown> {
  if (valid === undefined) return {};
  const attachments = valid.map(({ containerID, ifname }) => ({ containerID, ifname }));
  return { 'cni.dev/valid-attachments': attachments, 'cni.dev/attachments': attachments };
}
