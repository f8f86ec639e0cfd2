# shellcheck shell=bash
# The monolith: `mfup --monolith`, and what other commands do where there is one.

# mf_is_monolith: is this MF_HOME a monolith's?
mf_is_monolith() {
    [[ $MF_RUNTIME == monolith ]]
}

# mf_verb NAME: print the Python module that does what a command does, here.
mf_verb() {
    if mf_is_monolith; then
        printf 'mfplatform.monolith.%s\n' "$1"
    else
        printf 'mfplatform.commands.%s\n' "$1"
    fi
}

# mf_is_one_of COMMAND...: is this command one of these, or one that works whatever there
# is: it looks, stops, or has to do with the checkout or a platform of its own?
mf_is_one_of() {
    case " mfdown mfstatus mflogs mfdoctor mfclone mfnew mftest mfbench mftour mfchaos $* " in
        *" ${0##*/} "*) return 0 ;;
    esac
    return 1
}

# mf_refuse_monolith: stop a command that has nothing to do with a monolith.
mf_refuse_monolith() {
    ! mf_is_one_of mfup mfuser mfsecrets mfmove mfbackup mfrestore || return 0
    mf_die "$MF_HOME has a monolith, one process without instances or registry." \
        "What it has: mfup --monolith, mfdown, mfstatus, mfdoctor, mflogs, mfuser, mfsecrets," \
        "mfbackup, mfrestore"
}

# mf_install_monolith: have one environment with what all services need. Only Python is
# needed for it, and what was downloaded before is taken.
mf_install_monolith() {
    local needed stamp tools=$MF_HOME/tools PYTHON NEW_TOOLS
    PYTHON=$(mf_find_python) || exit
    needed=$(mf_bare_python mfplatform.monolith.requirements) || exit
    # Services have it of the wheelhouse; here it is built from the source that is pinned.
    needed+=$'\n'$(sed -n "s/^readonly PYTHON_ETCD='\(.*\)'$/\1/p" \
        "$MF_ROOT/microflack_common/mkwheel")
    stamp=$({ "$PYTHON" --version && printf '%s\n' "$MF_ROOT" "$needed"; } |
        sha256sum | cut -d ' ' -f 1)
    [[ "$(cat "$tools/complete" 2>/dev/null)" == "$stamp" ]] &&
        "$tools/bin/python" -c '' 2>/dev/null && return
    mf_say "Installing what the monolith needs"
    NEW_TOOLS=$tools-${stamp:0:12}
    rm -rf -- "$NEW_TOOLS"
    "$PYTHON" -m venv --without-pip "$NEW_TOOLS" || mf_die "$PYTHON could not make $NEW_TOOLS: see above"
    mf_monolith_uv || mf_die "uv could not be installed: see above (is there a network?)"
    mf_monolith_packages --offline 2>/dev/null || mf_monolith_packages ||
        mf_die "what it needs could not be installed: see above (is there a network?)"
    # The code itself is that of this checkout.
    printf '%s\n' "$MF_ROOT"/microflack_*/ >"$(echo "$NEW_TOOLS"/lib/python3*/site-packages)/checkout.pth"
    printf '%s\n' "$stamp" >"$NEW_TOOLS/complete"
    mf_swap_tools
}

# mf_monolith_uv: install uv, which takes a second for what takes pip fifteen. pip is
# run as Python brings it along: to unpack it takes three.
mf_monolith_uv() {
    local pip
    pip=$("$PYTHON" -c 'import ensurepip, pathlib, sysconfig
bundled = pathlib.Path(ensurepip.__file__).parent / "_bundled"
print(next(pathlib.Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or bundled).glob("pip-*.whl")))') ||
        mf_die "$PYTHON has no ensurepip. Install it (Debian: python3-venv)"
    grep '^uv==' <<<"$needed" | PYTHONPATH=$pip "$NEW_TOOLS/bin/python" -m pip install -qq \
        --disable-pip-version-check --require-hashes --only-binary :all: --no-deps --no-compile \
        --requirement /dev/stdin >&2
}

# mf_monolith_packages [OPTION...]: install all that is needed, also from the folders
# that pip is told of. uv wants them to be there. What a build needs has its hash, too.
mf_monolith_packages() {
    local place found=()
    for place in ${PIP_FIND_LINKS:-}; do
        [[ $place != *://* && ! -d $place ]] || found+=(--find-links "$place")
    done
    env -u UV_FIND_LINKS UV_PYTHON_DOWNLOADS=never \
        "$NEW_TOOLS/bin/uv" pip install --quiet "$@" "${found[@]}" \
        --require-hashes --build-constraints "$MF_ROOT/microflack_common/build.requirements.txt" \
        --python "$NEW_TOOLS" --requirement - <<<"$needed" >&2
}

# mf_monolith_up: all of `mfup --monolith`.
mf_monolith_up() {
    local url
    mf_bare_python mfplatform.monolith.prepare
    mf_read_settings "$MF_HOME/settings.env"
    mf_install_monolith
    url=$(mf_python mfplatform.monolith.up)
    printf '%s\n' "$url"
    mf_python mfplatform.commands.welcome "$url"
}

# mf_is_half_moved: has a platform begun to take over what a monolith had, and not ended?
mf_is_half_moved() {
    ! mf_is_monolith && grep -qs '"stage": "copying"' -- "$MF_HOME/moving/home.json"
}

# mf_refuse_half_moved: stop a command that would have something written meanwhile.
mf_refuse_half_moved() {
    ! mf_is_one_of mfup mfbuild || return 0
    mf_die "$MF_HOME is not moved into its platform yet. Go on with: mfup --move"
}

# mf_wants_move: ask whoever sits at a terminal whether the monolith is to be moved.
mf_wants_move() {
    local answer
    [[ -t 0 && -t 2 ]] || return 1
    printf '%s has a monolith. Have a platform take over all that it has? [y/N] ' \
        "$MF_HOME" >&2
    read -r answer && [[ $answer == [yY]* ]]
}

# mf_begin_move: have the home be a platform's, if it is not.
mf_begin_move() {
    mf_bare_python mfplatform.moving.home
    export MF_RUNTIME=${MF_ASKED_RUNTIME:-process}
}

# mf_refuse_half_restored: stop a command where a restore has begun and not ended.
mf_refuse_half_restored() {
    [[ -z ${MF_RESTORING:-} ]] || return 0
    ! mf_is_one_of mfrestore || return 0
    mf_tell_half_restored
}

# mf_tell_half_restored: stop here, and say what goes on.
mf_tell_half_restored() {
    mf_die "a restore into $MF_HOME has not come to its end. Begin it again:" \
        "mfrestore FILE"
}

# mf_finish_moves: go on with the moves that have left a service to nobody; have LEFT be
# the services that monoliths still have, and STAYS what is to be said of each.
# shellcheck disable=SC2034  # they are for the caller
mf_finish_moves() {
    local verb service from found failed=0
    LEFT=() STAYS=()
    found=$(mf_python mfplatform.moving.unfinished) || return
    while read -r verb service from; do
        if [[ $verb == leave ]]; then
            LEFT+=("$service")
            STAYS+=("$service stays in its monolith. Move it with: mfmove $service --from $from")
        elif [[ $verb == resume ]]; then
            "$MF_ADMIN/bin/mfmove" "$service" --from "$from" >/dev/null </dev/null || failed=1
        fi
    done <<<"$found"
    return "$failed"
}
