import { Agent, request } from 'node:http';

/*
 * A browser that asks one question after the other over one connection, first through the one gateway and then through the
 * other, and prints what each took, in ms: {"NAME p50": 0.4, ...}.
 *   node requests.ts COUNT NAME=PORT...
 */

const [, , count = '', ...contenders] = process.argv;
const QUESTIONS = Number(count);

function ask(agent: Agent, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const headers = { Host: 'web.local' };
    request({ host: '127.0.0.1', port, agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`Port ${port} answers ${answer.statusCode}`));
      answer.resume().on('end', () => {
        resolve(performance.now() - start);
      });
    })
      .on('error', reject)
      .end();
  });
}

const lanes = contenders.map((text) => {
  const [name = '', port = ''] = text.split('=');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { name, agent, port: Number(port), times: [] as number[] };
});
// Each question meets the same machine through both.
for (let turn = 0; turn < QUESTIONS; turn += 1) {
  for (const lane of turn % 2 === 0 ? lanes : lanes.toReversed())
    lane.times.push(await ask(lane.agent, lane.port));
}
const at = (times: readonly number[], share: number) =>
  times.toSorted((one, other) => one - other)[Math.floor(share * (times.length - 1))];
const figures = lanes.flatMap(({ name, times }) => [
  [`${name} p50`, at(times, 0.5)],
  [`${name} p99`, at(times, 0.99)],
]);
console.log(JSON.stringify(Object.fromEntries(figures)));
for (const { agent } of lanes) agent.destroy();
