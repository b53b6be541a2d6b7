# shellcheck shell=bash
# Set-up that scripts/test, scripts/demo and scripts/bench share: programs of the distribution, and the virtual
# environment `.venv` of this checkout. Sourced, never run. Needs python3 (3.11 or newer) and nothing else.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "${0##*/}: $*"
    exit 1
}

# need_programs COMMAND[=PACKAGE]…: installs what is missing with apt-get where that is allowed, else says what to install.
need_programs() {
    local packages=() item
    for item in "$@"; do
        PATH=$PATH:/usr/sbin:/sbin type -P "${item%%=*}" >/dev/null || packages+=("${item#*=}")
    done
    ((${#packages[@]})) || return 0
    install_packages "${packages[@]}"
    for item in "$@"; do
        PATH=$PATH:/usr/sbin:/sbin type -P "${item%%=*}" >/dev/null ||
            fail "${item%%=*} is still missing after installing ${item#*=}; install it by hand"
    done
}

install_packages() {
    local as_root=()
    type -P apt-get >/dev/null || fail "please install: $*   (then run this again)"
    if ((EUID != 0)); then
        # Without a terminal nobody can type a password: sudo then works only where it needs none.
        type -P sudo >/dev/null || fail "please run as root: apt-get install $*   (then run this again)"
        if [[ -t 0 ]]; then as_root=(sudo); else as_root=(sudo -n); fi
        "${as_root[@]}" true || fail "please run: sudo apt-get install $*   (then run this again)"
    fi
    say "Installing from the distribution: $*"
    # In a process of its own, so that its trap is not ours.
    "${as_root[@]}" bash -s -- "$@" <<'AS_ROOT' >&2 || fail "apt-get failed (see above); please install: $*"
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
# Debian asks this file before it starts the service of a new package. A service that was not there before shall neither
# run now nor start at the next boot: we only want the programs.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
apt-get update -qq </dev/null || true  # an old list of packages may do
apt-get install -qq -y --no-install-recommends "$@" </dev/null >/dev/null
if type -P systemctl >/dev/null; then
    for package in "$@"; do
        case $package in
            mpd) systemctl disable --quiet mpd.service mpd.socket 2>/dev/null || true ;;
            nginx*) systemctl disable --quiet nginx.service 2>/dev/null || true ;;
        esac
    done
fi
AS_ROOT
}

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# find_python: sets `python` to a Python from 3.11 on that can make virtual environments.
find_python() {
    local candidate recent=
    for candidate in python3.13 python3.12 python3.11 python3; do
        is_recent "$candidate" || continue
        python=$candidate
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null && return
        recent=$candidate
    done
    [[ $recent ]] || fail "no Python from 3.11 on found (looked for python3.13, python3.12, python3.11, python3); please install one"
    # Debian keeps ensurepip in a package of its own; python3.12 may not be the default python3 that python3-venv is for.
    install_packages "$(basename "$(readlink -f "$(type -P "$recent")")")-venv"
    python=$recent
}

# need_venv EXTRA: makes or renews the virtual environment with an extra of pyproject.toml ("" for none) and sets `venv` to
# it. $MPDBRIDGE_VENV names another one, which is then used as it is.
need_venv() {
    local extra=$1 stamp want
    venv=${MPDBRIDGE_VENV:-}
    if [[ $venv ]]; then
        [[ -x $venv/bin/python ]] || fail "MPDBRIDGE_VENV=$venv has no bin/python"
        return
    fi
    venv=$root/.venv
    stamp=$venv/.made-for
    want=$(cksum <"$root/pyproject.toml")
    if is_recent "$venv/bin/python" && [[ -f $stamp ]]; then
        # One line per set of extras; with the developers' one everything else is there too.
        grep -qxF -e "$want dev" -e "$want $extra" "$stamp" && return
    fi
    say "Setting up $venv (once)"
    if ! is_recent "$venv/bin/python"; then
        find_python
        "$python" -m venv --clear "$venv" >&2
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$root${extra:+[$extra]}" >&2 ||
        fail "pip could not install what pyproject.toml asks for (see above)"
    printf '%s\n' "$want $extra" >"$stamp"
}
