# shellcheck shell=bash
# Who changed what: each command that changes something, or gives out secrets, leaves a
# line in $MF_HOME/logs/audit.log when it ends, which mflogs shows as those of "audit".

# mf_audit WORD...: note what this command was asked, and write its line when it ends.
# Of settings KEY=VALUE only the key: the value may be a secret.
mf_audit() {
    local word words=("${0##*/}")
    for word in "$@"; do
        [[ ! $word =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] || word=${word%%=*}=...
        words+=("$word")
    done
    MF_AUDITED=${words[*]}
    trap 'mf_audited $?' EXIT
}

# mf_audited STATUS: write the line. The command's own status stays what it was.
mf_audited() {
    local by outcome="done"
    [[ -d $MF_HOME ]] || return 0
    by="$(id -un 2>/dev/null || true) ($UID)"
    [[ -z ${SUDO_USER:-} ]] || by+=" for $SUDO_USER"
    [[ -z ${MF_THROUGH:-} ]] || by+=", through $MF_THROUGH"
    (($1 == 0)) || outcome="failed with $1"
    (
        umask 077
        mkdir -p -- "$MF_HOME/logs"
        printf '{"time":"%(%Y-%m-%dT%H:%M:%S%z)T","level":"info","message":%s,"by":%s,"outcome":"%s","seconds":%d}\n' \
            -1 "$(mf_json "$MF_AUDITED")" "$(mf_json "$by")" "$outcome" "$SECONDS" \
            >>"$MF_HOME/logs/audit.log"
    ) || printf '%s: this could not be written to the audit log\n' "${0##*/}" >&2
}

# mf_json TEXT: print a text as JSON.
mf_json() {
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    printf '"%s"' "${text//[[:cntrl:]]/ }"
}
