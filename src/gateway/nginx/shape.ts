import { sha256OfText } from '../../sys/digest.ts';
import type { Backend, Model } from '../model.ts';
import { renderGeneration } from './render/generation.ts';
import type { RenderInput } from './render/input.ts';

/** In a generation's directory. */
export const SHAPE_FILE = 'shape';

const ANY: Pick<Backend, 'address' | 'port' | 'state'> = { address: '0.0.0.0', port: 1, state: 'ready' };

/** With Lua, addresses and states are the table's: a change of them is no other configuration. */
function withoutAddresses(model: Model): Model {
  const routes = model.routes.map((route) => ({
    ...route,
    backends: route.backends.slice(0, 1).map((backend) => ({ ...backend, ...ANY })),
  }));
  return { routes, services: [], addresses: [] };
}

/**
 * Equal for models that nginx serves alike, apart from what the table says.
 * @param lua the text of flatnet.lua, which only a reload puts into force.
 * @throws UnrenderableRoute, UnrenderableSetting
 */
export function shapeOf(model: Model, input: RenderInput, lua: string): string {
  const plain = input.features.hasLua ? withoutAddresses(model) : model;
  const files = renderGeneration(plain, { ...input, generation: 0 });
  const texts = [...files].flatMap(([path, text]) => [path, text]);
  return sha256OfText([...texts, input.features.hasLua ? lua : ''].join('\0'));
}
