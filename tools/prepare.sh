#!/bin/sh
# prepare.sh FOLDER: make a virtual environment with soa (editable) and what its tests need.
# PYTHON chooses the interpreter; without it the first one that is new enough is taken.
set -eu
venv=$1
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if "$name" -c "$new_enough" 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "soa: Python 3.11 or newer is needed (looked for ${PYTHON:-python3}); name one: PYTHON=/path/to/python make" >&2
    return 1
}

can_make_venv() { "$1" -c 'import venv, ensurepip' 2>/dev/null; }

install_venv() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    package="python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    echo "soa: installing $package"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get install -y -qq --no-install-recommends "$package" ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package"; }; } >/dev/null 2>&1 </dev/null
}

create() {
    if can_make_venv "$1" || { ! "$1" -c 'import virtualenv' 2>/dev/null && install_venv "$1" && can_make_venv "$1"; }; then
        "$1" -m venv --clear "$venv"
    elif "$1" -c 'import virtualenv' 2>/dev/null; then
        "$1" -m virtualenv --quiet --clear "$venv"
    else
        echo "soa: $1 cannot make virtual environments; install its venv module (Debian, Ubuntu: sudo apt install python3-venv)" >&2
        return 1
    fi
}

python=$(find_python)
if ! "$venv/bin/python" -c "$new_enough" 2>/dev/null || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "soa: making $venv with $python"
    create "$python"
fi
echo "soa: installing the project into $venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
