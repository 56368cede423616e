#!/bin/sh
# Runs after npm ci: makes the Node of node-linux-ARCH the "node" of npm scripts. npm does so itself, but npm 9, which
# Debian and Ubuntu have, takes the link away again together with the package for the other architecture.
set -eu
cd "$(dirname "$0")/../node_modules"
for base in node-linux-*/bin/node; do
  [ ! -x "$base" ] || ln -sfn "../$base" .bin/node
done
