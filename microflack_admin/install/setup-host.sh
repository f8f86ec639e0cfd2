#!/usr/bin/env bash
# Summary: make a Debian or Ubuntu machine ready for MicroFlack on Docker.
# Usage: setup-host.sh [USER]
#
# To be run as root. Installs a Docker engine, unless there is one, and the few tools
# that the mf* commands need; starts the engine now and at every boot; lets USER (by
# default whoever called sudo) use it, and use the ports from 80 on without being root.
# Running it again changes nothing.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
die() { say "setup-host.sh: $*" && exit 1; }

install_packages() {
    local pair missing=()
    for pair in dockerd:docker.io git:git curl:curl sudo:sudo; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
    ((${#missing[@]})) || return 0
    say "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install --no-install-recommends "${missing[@]}" >/dev/null
}

start_engine() {
    if [[ -d /run/systemd/system ]]; then
        systemctl enable --quiet --now docker
    elif ! docker info &>/dev/null; then
        # A container that plays a machine has nothing that starts services.
        setsid dockerd >>/var/log/docker.log 2>&1 </dev/null &
    fi
    for _ in {1..60}; do
        docker info &>/dev/null && return
        sleep 0.5
    done
    die "the Docker engine does not start. See: journalctl -u docker, /var/log/docker.log"
}

allow_user() {
    id --groups --name "$1" | grep -qw docker && return
    usermod --append --groups docker "$1"
    say "$1 may use the Docker engine after the next login"
}

open_low_ports() {
    local file=/etc/sysctl.d/60-microflack.conf line=net.ipv4.ip_unprivileged_port_start=80
    (($(</proc/sys/net/ipv4/ip_unprivileged_port_start) > 80)) || return 0
    echo "$line" >"$file"
    sysctl --quiet --load "$file" 2>/dev/null ||
        say "(this machine does not let $file be applied: choose a port above 1023)"
}

main() {
    case ${1-} in
        -h | --help) awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; return ;;
        -*) say "Usage: setup-host.sh [USER]" && exit 2 ;;
    esac
    local user=${1:-${SUDO_USER:-}}
    ((EUID == 0)) || die "only root can do this. Run: sudo $0 $*"
    command -v apt-get >/dev/null || die "this needs Debian or Ubuntu"
    [[ -z $user ]] || id "$user" &>/dev/null || die "there is no user $user"
    install_packages
    start_engine
    [[ -z $user || $user == root ]] || allow_user "$user"
    open_low_ports
    say "This machine is ready"
}

main "$@"
