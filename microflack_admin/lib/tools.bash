# shellcheck shell=bash
# The platform's own tools: a virtual environment in $MF_HOME/tools.

# mf_tools_stamp WHEEL: what the tools are made from. They are made again when it
# changes, so that half-made ones, which have no stamp, are completed as well.
mf_tools_stamp() {
    { python3 --version && cat -- "$MF_ADMIN/requirements.txt" "$1"; } |
        sha256sum | cut -d ' ' -f 1
}

mf_tools_pip() {
    "$MF_HOME/tools/bin/python" -m pip install -qq --disable-pip-version-check \
        --find-links "$WHEELHOUSE" "$@" >&2
}

# mf_install_tools: have them as requirements.txt says.
mf_install_tools() {
    local wheel stamp tools=$MF_HOME/tools
    export WHEELHOUSE=$MF_HOME/wheelhouse
    wheel=$("$MF_ROOT/microflack_common/mkwheel" | tail -n 1) ||
        mf_die "the microflack_common wheel could not be built: see above"
    stamp=$(mf_tools_stamp "$wheel")
    [[ "$(cat "$tools/complete" 2>/dev/null)" == "$stamp" ]] && return
    mf_say "Installing the platform's tools"
    rm -f "$tools/complete"
    python3 -m venv "$tools" || mf_die "python3 could not make $tools: see above"
    mf_tools_pip --requirement "$MF_ADMIN/requirements.txt" ||
        mf_die "the tools could not be installed: see above (is there a network?)"
    # By its file: whatever its version is, and though the same version can have been
    # built again from changed code.
    mf_tools_pip --no-index --no-deps --force-reinstall "$wheel"
    printf '%s\n' "$stamp" >"$tools/complete"
}
