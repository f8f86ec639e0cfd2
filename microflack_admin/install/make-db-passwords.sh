#!/usr/bin/env bash
# Summary: make the passwords of the services' databases.
# Usage: make-db-passwords.sh
#
# Each service with a database gets one, in MF_HOME/secrets/SERVICE.env; those that are
# there already stay. mfrun does the same when a service is started for the first time;
# this is for having them before, for example to give another host the same ones. Prints
# the files.
set -euo pipefail

# shellcheck source=../lib/common.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.bash"

main() {
    local service services=()
    [[ ${1:-} == --help || ${1:-} == -h ]] && { mf_help; return; }
    (($# == 0)) || mf_usage_error "it takes no arguments, but got: $*"
    mf_load
    (umask 077 && mkdir -p -- "$MF_HOME")
    for service in $(mf_services); do
        [[ $(mf_service_env "$service" NEEDS_DB) != yes ]] || services+=("$service")
    done
    ((${#services[@]})) || return 0
    mf_bare_python mfplatform.commands.passwords "${services[@]}"
}

main "$@"
