#!/bin/sh
# need.sh PACKAGES CHECK WHY: install Debian packages if the command CHECK fails and we may; otherwise say what to do.
# Never fails: what can do without the packages goes on without them.
packages=$1 check=$2 why=$3

there() { sh -c "$check" >/dev/null 2>&1; }
install() { apt-get install -y -qq --no-install-recommends $packages; }

there && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "soa: installing $packages"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    install >"$log" 2>&1 </dev/null || { apt-get update -qq && install; } >"$log" 2>&1 </dev/null || tail -n 5 "$log" >&2
    rm -f "$log"
fi

there ||
    echo "soa: $packages missing; install what is (Debian, Ubuntu: sudo apt install $packages): $why" >&2
exit 0
