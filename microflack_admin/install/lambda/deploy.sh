#!/usr/bin/env bash
# Summary: deploy MicroFlack as functions of AWS Lambda.
# Usage: deploy.sh STACK Secret=NAME Subnets=ID,ID SecurityGroups=ID,ID [PARAMETER=VALUE...]
#        deploy.sh --images
#
# Makes an image of each function from the service's own image, microflack_NAME:latest,
# and has AWS's command line (sam) push them and create or update the stack. With
# --images it only makes the images. Credentials and region are those of that command
# line. docs/lambda.md says what has to be there before.
set -euo pipefail

HERE=$(CDPATH='' builtin cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
NEEDED=(Secret Subnets SecurityGroups)
KNOWN=" ${NEEDED[*]} Access LinkCards Bucket RequestsPerSecond "

die() { printf 'deploy.sh: %s\n' "$*" >&2; exit 1; }
usage_error() { printf 'deploy.sh: %s\nUsage: deploy.sh STACK %s\n' "$*" \
    "Secret=NAME Subnets=ID,ID SecurityGroups=ID,ID [PARAMETER=VALUE...]" >&2; exit 2; }

check_parameters() {
    local one name given=' '
    for one in "$@"; do
        name=${one%%=*}
        [[ $one == *=* && $KNOWN == *" $name "* ]] ||
            usage_error "there is no parameter '$name'. Known are:$KNOWN"
        [[ -n ${one#*=} ]] || usage_error "$name is empty"
        given+="$name "
    done
    for name in "${NEEDED[@]}"; do
        [[ $given == *" $name "* ]] || usage_error "$name is not given"
    done
}

make_images() {
    local service
    command -v docker >/dev/null || die "docker is not installed, which makes the images"
    docker info >/dev/null 2>&1 || die "no Docker engine answers: start it"
    for service in users tokens messages ui; do
        docker image inspect "microflack_$service:latest" >/dev/null 2>&1 ||
            die "there is no image microflack_$service:latest: run microflack_$service/build.sh"
    done
    for service in users tokens messages ui; do
        docker build --quiet --build-arg "SERVICE=$service" \
            --tag "microflack_${service}_lambda:latest" "$HERE" >/dev/null
        printf 'microflack_%s_lambda:latest\n' "$service"
    done
}

main() {
    case ${1-} in
        -h | --help) awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; return ;;
        --images) make_images; return ;;
        '' | -* | *=*) usage_error "the stack's name comes first" ;;
    esac
    check_parameters "${@:2}"
    command -v sam >/dev/null || die "sam, AWS's command line for functions, is not installed"
    make_images
    sam deploy --template-file "$HERE/template.yaml" --stack-name "$1" \
        --capabilities CAPABILITY_IAM --resolve-image-repos --resolve-s3 \
        --no-confirm-changeset --parameter-overrides "${@:2}"
}

main "$@"
