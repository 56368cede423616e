import { readFileSync, writeSync } from 'node:fs';
import { withLock } from '../../../src/sys/lock/lock.ts';

/*
 * One process of the lock tests: adds 1 to the number in a file under the lock, `times` times. In its first critical
 * section it may misbehave: `stop` itself or `hang` after reading, or stay `open` until its parent closes its stdin.
 * Says "held" whenever it is inside, and "added" for each number it wrote.
 */
const [path = '', times = '1', conduct = '', clockStepMs = '0'] = process.argv.slice(2);

const realNow = Date.now;
Date.now = () => realNow() + Number(clockStepMs);

const say = (word: string): void => {
  writeSync(1, `${word}\n`);
};

const forever = (): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

let first = true;
for (let round = 0; round < Number(times); round += 1) {
  await withLock(path, { timeoutMs: 30_000, label: `count ${conduct}` }, async (lease) => {
    const number = Number(readFileSync(path, 'utf8'));
    say('held');
    if (first) {
      first = false;
      if (conduct === 'stop') process.kill(process.pid, 'SIGSTOP');
      if (conduct === 'hang') forever();
      if (conduct === 'open') await new Promise((resolve) => process.stdin.resume().on('end', resolve));
    }
    lease.commit(Buffer.from(String(number + 1)));
  });
  say('added');
}
