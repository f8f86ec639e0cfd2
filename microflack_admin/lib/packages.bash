# shellcheck shell=bash
# Install the Debian packages that the platform runs on.

# mf_missing_packages RUNTIME: print the packages whose programs are not there, one a
# line: those that this runtime needs ("": none), and those that the commands need.
mf_missing_packages() {
    mf_bare_python mfplatform.commands.packages "$1"
}

# mf_as_root COMMAND...: run something as root, however this user may.
mf_as_root() {
    if ((EUID == 0)); then
        "$@"
    elif [[ -t 0 ]]; then
        sudo -- "$@"
    else
        sudo -n -- "$@"
    fi
}

# mf_may_be_root: is there any use in trying?
mf_may_be_root() {
    ((EUID == 0)) && return
    command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }
}

# mf_is_installing: does anybody hold dpkg's lock? /proc/locks tells it to all users.
mf_is_installing() {
    local inode lock
    for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock; do
        inode=$(stat -c %i "$lock" 2>/dev/null) || continue
        ! grep -q ":$inode " /proc/locks || return 0
    done
    return 1
}

# mf_apt PACKAGE...: install packages, and start nothing of them.
mf_apt() {
    local log=$MF_HOME/logs/packages.log
    if ! command -v apt-get >/dev/null || ! mf_may_be_root; then
        mf_die "these Debian packages are missing and only root can install them:" \
            "$*. Install them with: sudo apt-get install --no-install-recommends $*" \
            "(or do without${MF_INSTEAD:-, and have the chat in one process: mfup --monolith})"
    fi
    mf_say "Installing Debian packages: $*"
    (umask 077 && mkdir -p -- "$MF_HOME/logs")
    ! mf_is_installing ||
        mf_say "(another installation is under way on this machine: waiting for it)"
    mf_as_root "$MF_ADMIN/lib/apt-quietly" "$@" >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        mf_die "apt-get could not install $*: see $log"
    }
}

# mf_install_prometheus: have the server that keeps figures, and what its password needs.
mf_install_prometheus() {
    [[ ${MF_ASKED_METRICS:-${MF_METRICS:-}} == on ]] || return 0
    command -v prometheus >/dev/null || MF_INSTEAD=': mfup --no-metrics' mf_apt prometheus
    mf_install_more metrics Prometheus
}

# mf_install_packages RUNTIME: install what is missing, as mf_missing_packages tells.
mf_install_packages() {
    local missing
    missing=$(mf_missing_packages "$1") || exit
    [[ -n $missing ]] || return 0
    mf_say "(the platform runs its own copies; the system's services stay off)"
    # shellcheck disable=SC2086  # packages are words
    mf_apt $missing
    missing=$(mf_missing_packages "$1") || exit
    [[ -z $missing ]] || mf_die "still missing after installing: $(xargs <<<"$missing")"
}
