#!/bin/sh
# vscode.sh FOLDER NODE: install a VS Code that runs in a browser into FOLDER, and the driver of that browser beside the tests.
# NODE is the folder of Node's programs. Nothing is fetched if FOLDER has these versions already.
set -eu
folder=$1 node=$(cd "$2" && pwd)
server=code-server@4.139.1
driver=tests/e2e/vscode
stamp="$server on $("$node/node" --version), $(cksum <"$driver/package-lock.json")"

[ "$(cat "$folder/.ready" 2>/dev/null)" = "$stamp" ] && [ -d "$driver/node_modules" ] && exit 0

export PATH="$node:$PATH" npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_ignore_scripts=true
export npm_config_loglevel=error

echo "soa: installing VS Code ($server)"
rm -rf "$folder"
mkdir -p "$folder"
npm install --prefix "$folder" "$server" >/dev/null
(cd "$folder/node_modules/code-server/lib/vscode" && npm install --omit=dev >/dev/null)
npm ci --prefix "$driver" >/dev/null
echo "$stamp" >"$folder/.ready"
