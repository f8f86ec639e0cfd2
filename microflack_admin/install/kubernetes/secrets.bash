# shellcheck shell=bash
# How deploy makes the secrets that are missing. It uses deploy's functions "kube", "ours",
# "services" and "die", and its variable NAMESPACE.

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# secret NAME KEY=VALUE...: make a secret that is not there. kubectl reads it from a pipe:
# what stands in a command line others can see.
secret() {
    local name=$1 one text
    shift
    ours get secret "$name" >/dev/null 2>&1 && return
    text=$(printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData:\n' "$name")
    for one in "$@"; do text+=$(printf '\n  %s: "%s"' "${one%%=*}" "${one#*=}"); done
    ours create --filename - >/dev/null <<<"$text" || die "the secret $name could not be made: see above"
}

# secrets: make what is missing. One that is there stays as it is, your own, too.
secrets() {
    local one password
    kube get namespace "$NAMESPACE" >/dev/null 2>&1 || kube create namespace "$NAMESPACE" >/dev/null ||
        die "the namespace $NAMESPACE cannot be made: see above"
    secret keys "jwt-key=$(random 32)" "service-key=$(random 32)" "web-push-key=$(random 32)"
    secret database "root-password=$(random 20)"
    secret registry "root-password=$(random 20)"
    password=$(random 20)
    secret queue "password=$password" "address=default:$password@queue:6379"
    for one in $(services); do
        secret "$one" "database-password=$(random 20)" "registry-password=$(random 20)"
    done
}
