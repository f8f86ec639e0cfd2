# shellcheck shell=bash
# What every mf* command needs. Sourced, never run:
#
#     MF_ADMIN=$(CDPATH='' builtin cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
#     source "$MF_ADMIN/lib/common.bash"

set +o noclobber +o noglob +o keyword +o allexport +o posix +o physical
# What the caller's shell or a git hook has exported would change what is meant here.
unset CDPATH GLOBIGNORE GREP_OPTIONS GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX
unset GIT_COMMON_DIR GIT_NAMESPACE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
# What Python and its installers would do elsewhere, or in another way.
unset PYTHONHOME PYTHONPATH PYTHONINSPECT PYTHONWARNINGS PYTHONOPTIMIZE PYTHONIOENCODING
unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_REQUIRE_VIRTUALENV PIP_NO_DEPS
unset UV_SYSTEM_PYTHON UV_PYTHON TAR_OPTIONS
export PYTHONUTF8=1
[[ -d ${TMPDIR:-/tmp} && -w ${TMPDIR:-/tmp} ]] || unset TMPDIR
shopt -u failglob nullglob nocaseglob nocasematch xpg_echo
export -n SHELLOPTS BASHOPTS
# Functions of the caller's in the place of programs.
while read -r _ _ MF_FUNCTION; do unset -f "$MF_FUNCTION"; done < <(declare -Fx)
unset MF_FUNCTION

# Whether colours are wanted: never, always, or "auto": where a terminal is. See
# no-color.org and bixense.com/clicolors.
if [[ -n ${NO_COLOR:-} ]]; then
    MF_COLORS=never
elif [[ ${CLICOLOR_FORCE:-0} != 0 ]]; then
    MF_COLORS=always
elif [[ ${TERM:-dumb} == dumb ]]; then
    MF_COLORS=never
else
    MF_COLORS=auto
fi
export MF_COLORS

# shellcheck source=audit.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/audit.bash"
# shellcheck source=monolith.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/monolith.bash"

# mf_say TEXT...: progress, on stderr, so that stdout holds results only.
mf_say() {
    printf '%s\n' "$*" >&2
}

# mf_complain TEXT...: say what is wrong, after this command's name, which stands out.
mf_complain() {
    local name=${0##*/}:
    [[ $MF_COLORS != always && ($MF_COLORS != auto || ! -t 2) ]] ||
        name=$'\e[1;31m'$name$'\e[0m'
    printf '%s %s\n' "$name" "$*" >&2
}

# mf_die TEXT...: it failed; say why and how to go on.
mf_die() {
    mf_complain "$*"
    exit 1
}

# mf_usage_error TEXT...: it was called wrongly.
mf_usage_error() {
    mf_complain "$*"
    mf_say "$(mf_usage) (see ${0##*/} --help)"
    exit 2
}

# mf_usage: the line that says how to call this command.
mf_usage() {
    sed -n 's/^# Usage: /Usage: /p' "$0" | head -n 1
}

# mf_help: print the comment that a command begins with.
mf_help() {
    awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"
}

# mf_read_settings FILE: export the KEY=VALUE lines of a file, as they stand.
mf_read_settings() {
    local line
    while IFS= read -r line || [[ -n $line ]]; do
        [[ $line =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] && export "${line?}"
    done <"$1"
    return 0
}

# mf_load: find the checkout and the state, and load the recorded settings. What was
# asked for in the environment stays known as MF_ASKED_PORT and so on: recorded
# settings win everywhere but in mfup, which records new ones.
mf_load() {
    [[ ${MF_DEBUG:-} == 1 ]] && set -x
    MF_ADMIN=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
    MF_ROOT=$(dirname -- "$MF_ADMIN")
    MF_HOME=$(realpath -m -- "${MF_HOME:-$MF_ROOT/.microflack}")
    mf_need_own_home
    mf_make_paths_plain
    local name
    for name in PORT BIND RUNTIME TLS DOMAIN CERT HTTP_PORT INSECURE LIMITS OPERATOR \
        TRUSTED_PROXIES HOSTS ACME_SERVER ACME_CA ACCESS SECRETS UNSEAL \
        SECRETS_LEASE LB ETCD REDIS WITHOUT FILES CARETAKER MAX_MEMORY HOOK STATUS METRICS BACKUP \
        BACKUP_AT BACKUP_KEEP LOGS_TO LOGS_CA LOGS_QUEUE TRACES_TO TRACES_SHARE PUSH_TO \
        REDUNDANT ADDRESS; do
        name=MF_$name
        export "MF_ASKED_${name#MF_}=${!name:-}"
    done
    [[ -r $MF_HOME/settings.env ]] && mf_read_settings "$MF_HOME/settings.env"
    # Damaged settings may not say that it is a monolith; the folder of its data does,
    # unless a platform takes over.
    [[ -n ${MF_RUNTIME:-} || ! -d $MF_HOME/monolith || -e $MF_HOME/moving ]] ||
        MF_RUNTIME=monolith
    MF_RUNTIME=${MF_RUNTIME:-process}
    # Servers such as haproxy live in sbin, which people's PATH often lacks.
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
    export MF_ADMIN MF_ROOT MF_HOME MF_RUNTIME PATH
    ! mf_is_monolith || mf_refuse_monolith
    ! mf_is_half_moved || mf_refuse_half_moved
    [[ ! -e $MF_HOME/restoring ]] || mf_refuse_half_restored
}

# mf_need_own_home: stop here where somebody else's folder can be seen, but not what is in
# it: it would be taken for one without a platform.
mf_need_own_home() {
    [[ ! -d $MF_HOME || (-r $MF_HOME && -x $MF_HOME) ]] || mf_die \
        "$MF_HOME belongs to $(stat -c %U -- "$MF_HOME"), and you may not read it." \
        "Ask as that user (sudo -u), or name a folder of your own: MF_HOME=FOLDER"
}

# mf_make_paths_plain: go by links where a path has signs in it that mean something in
# the files of the programs that the platform runs.
mf_make_paths_plain() {
    local paths
    [[ $MF_HOME$MF_ADMIN =~ [^A-Za-z0-9_./+@=~\ -] ]] || return 0
    paths=$(PYTHONPATH=$MF_ADMIN "$(mf_find_python)" -P -m \
        mfplatform.state.plain_paths "$MF_HOME" "$MF_ADMIN") || exit
    MF_HOME=${paths%$'\n'*}
    MF_ADMIN=${paths#*$'\n'}
}

# mf_find_python: print the Python that the tools were made with, if it is still there,
# or else one that will do.
mf_find_python() {
    local python made
    made=$(readlink -e -- "$MF_HOME/tools/bin/python") || made=''
    for python in $made python3 python3.{14,13,12,11} /usr/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
            continue
        printf '%s\n' "$python"
        return
    done
    mf_die "Python 3.11 or newer is needed, and none is to be found. Install it with:" \
        "apt-get install python3 python3-venv"
}

# mf_take_json WORD...: have JSON hold --json if it is among the words before "--", and
# WORDS all others.
# shellcheck disable=SC2034  # they are for the caller
mf_take_json() {
    JSON=() WORDS=()
    while (($#)); do
        case $1 in
            --) WORDS+=("$@") && return ;;
            --json) JSON=("$1") ;;
            *) WORDS+=("$1") ;;
        esac
        shift
    done
}

# mf_was_started: was the platform ever started? Whether it runs now, Python tells.
mf_was_started() {
    [[ -r $MF_HOME/settings.env && -x $MF_HOME/tools/bin/python ]]
}

# mf_need_platform: stop here when it never was.
mf_need_platform() {
    mf_was_started && return
    [[ ! -e $MF_HOME/restoring ]] || mf_tell_half_restored
    mf_die "no platform is running for $MF_HOME. Start one with: mfup"
}

# mf_services: the names of all services, one a line.
mf_services() {
    local file
    for file in "$MF_ROOT"/microflack_*/service.env; do
        [[ -f $file ]] || continue
        file=${file%/service.env}
        printf '%s\n' "${file##*/microflack_}"
    done
}

# mf_need_service NAME: called wrongly when there is no such service.
mf_need_service() {
    local known
    [[ $1 =~ ^[a-z][a-z0-9_]*$ && -f $MF_ROOT/microflack_$1/service.env ]] && return
    known=$(mf_services | paste -sd ' ' -)
    mf_usage_error "there is no service '$1'. Known services: ${known:-none}"
}

# mf_service_env NAME KEY: what a service says about itself.
mf_service_env() {
    sed -n "s/^$2=//p" "$MF_ROOT/microflack_$1/service.env" | head -n 1
}

# mf_python MODULE [ARG...]: run a Python module of this folder with the platform's tools.
mf_python() {
    local module=$1
    shift
    [[ -x $MF_HOME/tools/bin/python ]] ||
        mf_die "the platform's tools are not installed yet. Install them with: mfup"
    MF_COMMAND=${0##*/} PYTHONPATH=$MF_ADMIN \
        "$MF_HOME/tools/bin/python" -P -m mfplatform.entry "$module" "$@"
}

# mf_bare_python MODULE [ARG...]: run a module that needs nothing but Python itself.
mf_bare_python() {
    local python
    python=$(mf_find_python) || exit
    MF_COMMAND=${0##*/} PYTHONPATH=$MF_ADMIN "$python" -P -m mfplatform.entry "$@"
}
