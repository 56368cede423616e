/*
 * Loads a part of the program (build/parts.ts) from the executable, or from beside the script where plain Node runs
 * it. V8 takes the compiled functions from the cache; without one, or when it was made by another V8, it compiles.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { getRawAsset, isSea } = require('node:sea');
const { Script } = require('node:vm');

function read(file) {
  return isSea() ? Buffer.from(getRawAsset(file)) : readFileSync(join(__dirname, 'parts', file));
}

module.exports = (name) => {
  const cachedData = read(`${name}.cache`);
  const script = new Script(read(`${name}.js`).latin1Slice(), {
    filename: `flatnet/${name}.js`,
    ...(cachedData.length > 0 ? { cachedData } : {}),
  });
  const module = { exports: {} };
  script.runInThisContext()(require, module);
  return module.exports;
};
