import { listContainers, lookUpAddress, showContainer } from './containers.ts';
import type { Endpoint } from './endpoint.ts';
import { events } from './events.ts';
import { apiHealth, healthOk, reconcile } from './health.ts';
import { explain } from './explain-answer.ts';
import { openApi } from './openapi.ts';
import { caFile, hostsFile, showAsset, showCa, showIcon, showList } from './pages.ts';
import { listRoutes } from './routes-answer.ts';
import { escalationStates, escalationStats, resetEscalation, syncStatus } from './single-host.ts';

/** Paths match as they stand: nothing longer, no slash behind. openapi.json describes each. */
export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/health', right: 'open', anyHost: true, answer: healthOk },
  { method: 'GET', path: '/api/health', right: 'read', answer: apiHealth },
  { method: 'GET', path: '/api/containers', right: 'read', answer: listContainers },
  { method: 'GET', path: '/api/containers/{id}', right: 'read', answer: showContainer },
  { method: 'GET', path: '/api/lookup/ip/{ip}', right: 'read', answer: lookUpAddress },
  { method: 'GET', path: '/api/sync/status', right: 'read', answer: syncStatus },
  { method: 'GET', path: '/api/escalation/states', right: 'read', answer: escalationStates },
  { method: 'GET', path: '/api/escalation/stats', right: 'read', answer: escalationStats },
  { method: 'POST', path: '/api/escalation/reset', right: 'write', answer: resetEscalation },
  { method: 'GET', path: '/api/routes', right: 'read', answer: listRoutes },
  { method: 'GET', path: '/api/explain', right: 'read', answer: explain },
  { method: 'GET', path: '/api/events', right: 'read', answer: (call) => events(call) },
  { method: 'GET', path: '/api/openapi.json', right: 'read', answer: openApi },
  { method: 'POST', path: '/api/reconcile', right: 'write', answer: reconcile },
  { method: 'GET', path: '/', right: 'read', answer: showList },
  { method: 'GET', path: '/hosts', right: 'read', answer: hostsFile },
  { method: 'GET', path: '/ca', right: 'read', answer: showCa },
  { method: 'GET', path: '/ca.crt', right: 'read', answer: caFile },
  { method: 'GET', path: '/assets/{file}', right: 'open', answer: showAsset },
  { method: 'GET', path: '/favicon.ico', right: 'open', answer: showIcon },
];
