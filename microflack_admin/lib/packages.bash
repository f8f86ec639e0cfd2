# shellcheck shell=bash
# Install the Debian packages that the platform runs on.

# The servers that the platform runs, and the packages that they come from.
MF_SERVERS=(etcd:etcd-server haproxy:haproxy mariadbd:mariadb-server
    redis-server:redis-server)

# mf_missing_packages: print the packages whose programs are not there, one a line.
mf_missing_packages() {
    local pair
    for pair in "${MF_SERVERS[@]}" curl:curl git:git; do
        command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair#*:}"
    done
    python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv\n'
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

# mf_apt PACKAGE...: install packages, and start nothing of them.
mf_apt() {
    local log=$MF_HOME/logs/packages.log
    if ! command -v apt-get >/dev/null || ! mf_may_be_root; then
        mf_die "these Debian packages are missing and only root can install them:" \
            "$*. Install them with: sudo apt-get install --no-install-recommends $*"
    fi
    mf_say "Installing Debian packages: $*"
    (umask 077 && mkdir -p -- "$MF_HOME/logs")
    mf_as_root "$MF_ADMIN/lib/apt-quietly" "$@" >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        mf_die "apt-get could not install $*: see $log"
    }
}

# mf_install_packages: install what the platform runs on, where it is missing.
mf_install_packages() {
    local missing
    mapfile -t missing < <(mf_missing_packages)
    ((${#missing[@]})) || return 0
    mf_say "(the platform runs its own copies; the system's services stay off)"
    mf_apt "${missing[@]}"
    [[ -z $(mf_missing_packages) ]] ||
        mf_die "still missing after installing: $(mf_missing_packages | xargs)"
}
