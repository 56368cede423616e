import text from '../../../lua/flatnet.lua?raw';

/** `flatnet.lua`, which nginx's workers load. */
export const FLATNET_LUA = text;
