# shellcheck shell=bash
# The platform's own tools: a virtual environment in $MF_HOME/tools.

# mf_tools_stamp WHEEL: what the tools are made from. They are made again when it
# changes, so that half-made ones, which have no stamp, are completed as well.
mf_tools_stamp() {
    { "$PYTHON" --version && cat -- "$MF_ADMIN/requirements.txt" "$1"; } |
        sha256sum | cut -d ' ' -f 1
}

# mf_tools_pip FILE: install what a file names with hashes. Nothing is built here: what a
# build needs in turn would come without a hash.
mf_tools_pip() {
    "$NEW_TOOLS/bin/python" -m pip install -qq --disable-pip-version-check \
        --require-hashes --only-binary :all: --requirement "$1" >&2
}

# mf_tools_wheels WHEEL: install what was built here. By its file: whatever its version
# is, and though the same version can have been built again from changed code.
mf_tools_wheels() {
    "$NEW_TOOLS/bin/python" -m pip install -qq --disable-pip-version-check \
        --no-index --no-deps --force-reinstall "$1" "$WHEELHOUSE"/python_etcd-*.whl >&2
}

mf_tools_check() {
    "$NEW_TOOLS/bin/uv" pip check --quiet --python "$NEW_TOOLS/bin/python" >&2
}

# mf_swap_tools: have the commands take the new ones from now on. What runs with older
# ones goes on, so those of the time before stay as well.
mf_swap_tools() {
    local tools=$MF_HOME/tools older
    [[ -L $tools || ! -d $tools ]] || mv -T -- "$tools" "$tools-before"
    ln -sfn -- "${NEW_TOOLS##*/}" "$tools.new"
    mv -T -- "$tools.new" "$tools"
    mapfile -t older < <(
        find "$MF_HOME" -maxdepth 1 -name 'tools-*' -printf '%T@ %p\n' |
            sort -rn | tail -n +3 | cut -d ' ' -f 2-
    )
    ((${#older[@]} == 0)) || rm -rf -- "${older[@]}"
}

# mf_install_tools: have them as requirements.txt says. They are made beside those that
# are in use, with the Python that made those.
mf_install_tools() {
    local wheel stamp tools=$MF_HOME/tools PYTHON NEW_TOOLS
    PYTHON=$(mf_find_python) || exit
    export WHEELHOUSE=$MF_HOME/wheelhouse
    wheel=$("$MF_ROOT/microflack_common/mkwheel" | tail -n 1) ||
        mf_die "the microflack_common wheel could not be built: see above"
    stamp=$(mf_tools_stamp "$wheel")
    [[ "$(cat "$tools/complete" 2>/dev/null)" == "$stamp" ]] &&
        "$tools/bin/python" -c '' 2>/dev/null && return
    mf_say "Installing the platform's tools"
    NEW_TOOLS=$tools-${stamp:0:12}
    rm -rf -- "$NEW_TOOLS"
    "$PYTHON" -m venv "$NEW_TOOLS" ||
        mf_die "$PYTHON could not make $NEW_TOOLS: see above (Debian: python3-venv)"
    { mf_tools_pip "$MF_ADMIN/requirements.txt" && mf_tools_wheels "$wheel" &&
        mf_tools_check; } ||
        mf_die "the tools could not be installed: see above (is there a network?)"
    PYTHONPATH=$MF_ADMIN "$NEW_TOOLS/bin/python" -P -m mfplatform.packaging.sbom \
        microflack-tools "${stamp:0:12}" "$NEW_TOOLS" "$NEW_TOOLS/sbom.cdx.json" || exit
    printf '%s\n' "$stamp" >"$NEW_TOOLS/complete"
    mf_swap_tools
}

# mf_install_secrets_store: have the store's server, in an environment of its own.
mf_install_secrets_store() {
    local venv=$MF_HOME/openbao
    [[ -f $venv/complete ]] || mf_say "Installing OpenBao"
    mf_python mfplatform.packaging.environments "$venv" \
        "$MF_ADMIN/secrets.requirements.txt" ||
        mf_die "OpenBao could not be installed: see above (is there a network?). Nothing" \
            "has changed"
}

# mf_install_more NAME WHAT: have what NAME.requirements.txt says beside the tools, which
# WHAT needs.
mf_install_more() {
    local needed=$MF_ADMIN/$1.requirements.txt NEW_TOOLS=$MF_HOME/tools
    cmp -s -- "$needed" "$NEW_TOOLS/complete-$1" && return
    mf_say "Installing what $2 needs"
    { mf_tools_pip "$needed" && mf_tools_check; } ||
        mf_die "what $2 needs could not be installed: see above (is there a network?)"
    cp -- "$needed" "$NEW_TOOLS/complete-$1"
}
