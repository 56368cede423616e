import { makeBench } from './bench.ts';
import { describeReply } from './expect.ts';
import { exposeSubject } from './runner.ts';
import type { Subject } from './subject.ts';
import { createWorld } from './world.ts';

/**
 * One plain ADD, before any case: where none can work, every case would fail for a reason that has nothing to do with
 * what it is about.
 *
 * @throws {Error} with what the plugin said, when the ADD failed.
 */
export async function tryOut(subject: Subject): Promise<void> {
  await using host = await createWorld(subject.privacy);
  await exposeSubject(host, subject);
  const bench = makeBench(subject, host);
  const attachment = await bench.attachment();
  const reply = await bench.tryAdd(attachment);
  if (reply.exitCode === 0) return;
  throw new Error(
    `Cannot test "${subject.binary}" in this network: a plain ADD in ${bench.version} fails, so every case would: ` +
      `${describeReply(reply)}; see that the configuration suits the plugin, and that what it needs is installed`,
  );
}
