import document from './openapi.json' with { type: 'json' };
import { json } from './answer.ts';

/** The description of this API, written by hand; a test holds it against the endpoints and what they answer. */
export function openApi(): Response {
  return json(document);
}
