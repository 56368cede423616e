import { caPage } from '../page/ca.ts';
import { assetAt, ICON } from '../page/assets.ts';
import { listPage } from '../page/list.ts';
import { page, problem, text } from './answer.ts';
import { nearestOwn } from './client.ts';
import type { Call } from './endpoint.ts';
import { sceneFor } from './scene-for.ts';
import { PAGE_POLICY } from './security-headers.ts';

/** Characters of a search; nobody types more. */
const QUERY_LIMIT = 100;

function pageOf(call: Call, body: string): Response {
  return page(body, 200, { policy: PAGE_POLICY, 'Content-Language': call.visit.language });
}

export function showList(call: Call): Response {
  const { context, visit } = call;
  const query = (visit.url.searchParams.get('q') ?? '').trim().slice(0, QUERY_LIMIT);
  const byAddress = visit.host?.isAddress === true;
  return pageOf(call, listPage(context.source.current(), sceneFor(context, visit), { query, byAddress }));
}

export function showCa(call: Call): Response {
  return pageOf(call, caPage(sceneFor(call.context, call.visit)));
}

/** The certificate alone, never its key. */
export function caFile({ context }: Call): Response {
  const certificate = context.caCertificate?.();
  if (certificate === undefined) {
    return problem(404, { error: 'no certificate', details: 'this gateway serves plain HTTP' });
  }
  const disposition = 'attachment; filename="flatnet-ca.crt"';
  return text(certificate, {
    'Content-Type': 'application/x-x509-ca-cert',
    'Content-Disposition': disposition,
  });
}

/** For good: another content has another path. */
export function showAsset({ params }: Call): Response {
  const found = assetAt(`/assets/${params['file'] ?? ''}`);
  if (found === undefined) return problem(404, { error: 'not found' });
  const headers = { 'Content-Type': found.type, 'Cache-Control': 'public, max-age=31536000, immutable' };
  return new Response(found.body, { headers });
}

/** Browsers ask for it by this name where a page names no icon, as for JSON. */
export function showIcon(): Response {
  return new Response(ICON.body, {
    headers: { 'Content-Type': ICON.type, 'Cache-Control': 'public, max-age=86400' },
  });
}

/** Lines for hosts(5): every name, at the address by which the visitor reaches us. */
export function hostsFile({ context, visit }: Call): Response {
  const { model } = context.source.current();
  const own = context.ownHosts();
  const address =
    visit.host?.isAddress === true ? visit.host.name : (nearestOwn(visit.client, own) ?? '127.0.0.1');
  const names = [...new Set(model.routes.flatMap(({ hosts }) => hosts))].sort();
  const lines = names.map((name) => `${address} ${name}`);
  const body = ['# BEGIN flatnet', ...lines, '# END flatnet', ''].join('\r\n');
  return text(body, { 'Content-Disposition': 'attachment; filename="flatnet-hosts.txt"' });
}
