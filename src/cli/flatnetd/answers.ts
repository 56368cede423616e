import * as z from 'zod/mini';
import { conforms, whenNeeded } from '../../input/schema.ts';
import { CliError } from '../failure.ts';

/* What the commands read of the daemon's answers; an older or newer daemon may say more. */

const nullable = z.nullable(z.number());

const HEALTH = whenNeeded(() =>
  z.object({
    status: z.string(),
    version: z.string(),
    startedAt: z.string(),
    uptimeSeconds: nullable,
    generation: z.object({ wanted: z.number(), served: nullable }),
    nginx: z.object({
      running: z.boolean(),
      version: z.nullable(z.string()),
      lua: z.boolean(),
      draining: z.number(),
      drainingSeconds: nullable,
    }),
    runtime: z.object({
      via: z.nullable(z.string()),
      reconciledSecondsAgo: nullable,
      eventSecondsAgo: nullable,
    }),
    routes: z.number(),
    services: z.number(),
    troubles: z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string() })),
  }),
);
export type Health = z.output<ReturnType<typeof HEALTH>>;

const ROUTES = whenNeeded(() =>
  z.array(
    z.object({
      id: z.string(),
      hosts: z.array(z.string()),
      path: z.string(),
      state: z.string(),
      portReason: z.object({ text: z.string() }),
      backends: z.array(
        z.object({ container: z.string(), address: z.string(), port: z.number(), state: z.string() }),
      ),
    }),
  ),
);
export type RouteAnswer = z.output<ReturnType<typeof ROUTES>>[number];

const EXPLANATION = whenNeeded(() => z.object({ outcome: z.string(), text: z.array(z.string()) }));
export type ExplanationAnswer = z.output<ReturnType<typeof EXPLANATION>>;

function unreadable(path: string): CliError {
  return new CliError(
    `Cannot read what flatnetd answered to "${path}"`,
    'is it of another release? sudo flatnet gateway enable starts the present one',
  );
}

export function readHealth(answer: unknown): Health {
  if (conforms(HEALTH(), answer)) return answer;
  throw unreadable('/api/health');
}

export function readRoutes(answer: unknown): readonly RouteAnswer[] {
  if (conforms(ROUTES(), answer)) return answer;
  throw unreadable('/api/routes');
}

export function readExplanation(answer: unknown): ExplanationAnswer {
  if (conforms(EXPLANATION(), answer)) return answer;
  throw unreadable('/api/explain');
}
