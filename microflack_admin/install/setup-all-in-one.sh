#!/usr/bin/env bash
# Summary: bring up all of MicroFlack on this machine, and open it to its network.
# Usage: setup-all-in-one.sh
#
# For a machine of its own, such as the one that Vagrant makes, after setup-host.sh. To be
# run by the user who will work with it: everything is kept in ~/.microflack, the chat
# is at port 80, and the user's shells get the mf* commands. MF_HOME, MF_PORT, MF_BIND
# and MF_ACCESS change that at the first time. Running it again brings up what does not run.
set -euo pipefail

# shellcheck source=../lib/common.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.bash"

# Somebody who has just been let into the group has to log in again; or does this.
join_group() {
    docker info &>/dev/null && return
    getent group docker | grep -qw "$(id -un)" && [[ -z ${MF_JOINED:-} ]] || return 0
    MF_JOINED=yes exec sg docker -c "$(printf '%q ' "$0" "$@")"
}

# The commands for login shells, once.
write_profile() {
    local profile=$HOME/.profile
    local mark='# MicroFlack: the mf* commands and what they know.'
    grep -qxF -- "$mark" "$profile" 2>/dev/null && return
    printf '\n%s\nexport MF_HOME=%q\n. %q\n' "$mark" "$MF_HOME" "$MF_ADMIN/mfvars" \
        >>"$profile"
}

main() {
    [[ ${1:-} == --help || ${1:-} == -h ]] && { mf_help; return; }
    (($# == 0)) || mf_usage_error "it takes no arguments, but got: $*"
    ((EUID)) || mf_say "(as root; an ordinary user in the group docker will do)"
    join_group "$@"
    export MF_HOME=${MF_HOME:-$HOME/.microflack}
    export MF_PORT=${MF_PORT:-80} MF_BIND=${MF_BIND:-0.0.0.0}
    # The network of such a machine is the host's own.
    export MF_INSECURE=${MF_INSECURE:-yes}
    # Whoever follows the talk on such a machine reads with curl, without a token.
    export MF_ACCESS=${MF_ACCESS:-open}
    mf_load
    "$MF_ADMIN/install/make-db-passwords.sh" >/dev/null
    write_profile
    "$MF_ADMIN/bin/mfup" --docker
}

main "$@"
