import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { PLACES } from '../../../../src/gateway/settings.ts';

/*
 * Stands for flatnetd's API, as nginx asks it: says what it was asked, with 503 for error pages and 404 for the rest.
 */

rmSync(PLACES.proxySocket, { force: true });
createServer((request, response) => {
  const isPage = request.url === '/error-page';
  response.writeHead(isPage ? 503 : 404, { 'Retry-After': '2' });
  response.end(
    JSON.stringify({ name: 'api', url: request.url, method: request.method, headers: request.headers }),
  );
}).listen(PLACES.proxySocket, () => {
  chmodSync(PLACES.proxySocket, 0o666);
  console.log('listens');
});
