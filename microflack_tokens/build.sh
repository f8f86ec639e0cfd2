#!/usr/bin/env bash
# Summary: build this service's Docker image from its folder.
# Usage: build.sh [TAG...]
#
# Tags it as microflack_NAME:TAG, where NAME is the folder's; without TAG as the version
# in VERSION and as "latest". WHEELHOUSE is the folder with the microflack_common wheel:
# by default ./wheelhouse, or else that of the platform beside this folder. The image's
# labels say what service.env says. Prints the image's names.
set -euo pipefail

die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# A build sees only this copy: the folder, and the wheels that no index has.
copy_folder() {
    local wheel version pins=requirements.txt
    tar -cf - --mode=a+rX,go-w --exclude=./wheelhouse --exclude=./venv --exclude=./.venv . |
        tar -xf - -C "$CONTEXT"
    mkdir "$CONTEXT/wheelhouse"
    # requirements.in says it; releases of before have none, and say it in the other.
    [[ ! -f requirements.in ]] || pins=requirements.in
    version=$(sed -nE 's/^microflack-common(\[.*\])?==([^ ;]+).*/\2/p' "$pins")
    [[ -n $version ]] || return 0
    wheel=$WHEELHOUSE/microflack_common-$version-py3-none-any.whl
    [[ -f $wheel ]] || die "$wheel is missing. Build it with: mkwheel $version"
    cp -- "$wheel" "$WHEELHOUSE"/python_etcd-*.whl "$CONTEXT/wheelhouse"
}

main() {
    local name tag line arguments=()
    case ${1-} in
        -h | --help) awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; return ;;
        -*) printf 'build.sh: unknown option %s\nUsage: build.sh [TAG...]\n' "$1" >&2; exit 2 ;;
    esac
    [[ -z ${WHEELHOUSE-} ]] || WHEELHOUSE=$(realpath -m -- "$WHEELHOUSE")
    cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")"
    name=microflack_${PWD##*/} name=${name/microflack_microflack_/microflack_}
    [[ -d wheelhouse ]] && WHEELHOUSE=${WHEELHOUSE:-$PWD/wheelhouse}
    WHEELHOUSE=${WHEELHOUSE:-${MF_HOME:-${PWD%/*}/.microflack}/wheelhouse}
    (($#)) || set -- "$(<VERSION)" latest
    CONTEXT=$(mktemp -d)
    trap 'rm -rf "$CONTEXT"' EXIT
    copy_folder
    while IFS= read -r line; do
        [[ ! $line =~ ^[A-Z_]+= ]] || arguments+=(--label "$line")
    done <service.env
    for tag in "$@"; do arguments+=(--tag "$name:$tag"); done
    docker build --quiet --label app=microflack --label "service=${name#microflack_}" \
        --label "version=$(<VERSION)" "${arguments[@]}" "$CONTEXT" >/dev/null
    printf '%s\n' "${@/#/$name:}"
}

main "$@"
