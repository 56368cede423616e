import { makeBench } from './bench.ts';
import { describeReply } from './expect.ts';
import { exposeSubject } from './runner.ts';
import type { Subject } from './subject.ts';
import { createWorld } from './world.ts';

/**
 * Tries one plain ADD before any case: without it, every case would fail for an unrelated reason.
 * @throws {Error} with the plugin's output, if the ADD failed.
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
