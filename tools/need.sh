#!/bin/sh
# need.sh PACKAGE COMMAND WHY: install a Debian package if its command is missing and we may; otherwise say what to do.
# Never fails: what can do without the package goes on without it.
package=$1 command=$2 why=$3

command -v "$command" >/dev/null 2>&1 && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "soa: installing $package"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq --no-install-recommends "$package" >"$log" 2>&1 </dev/null ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package"; } >"$log" 2>&1 </dev/null ||
        tail -n 5 "$log" >&2
    rm -f "$log"
fi

command -v "$command" >/dev/null 2>&1 ||
    echo "soa: $package is missing; install it (Debian, Ubuntu: sudo apt install $package): $why" >&2
exit 0
