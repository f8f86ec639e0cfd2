# shellcheck shell=bash
# How deploy waits for what it has applied, and says what keeps it. It uses deploy's
# functions "ours", "say" and "die", and its variables.

# How long something may take, in seconds ("600s" is 600).
TIMEOUT=${KUBERNETES_TIMEOUT:-600}
readonly TIMEOUT=${TIMEOUT%s}
# What a pod says of itself that nobody has placed, or of a container that does not run.
readonly KEPT='{{range .items}}{{if not .metadata.deletionTimestamp}}{{$pod := .metadata.name}}{{range .status.conditions}}{{if and (eq .type "PodScheduled") (eq .status "False")}}{{$pod}}: {{.message}}{{"\n"}}{{end}}{{end}}{{range .status.initContainerStatuses}}{{with .state.waiting}}{{$pod}}: {{.reason}}: {{.message}}{{"\n"}}{{end}}{{end}}{{range .status.containerStatuses}}{{with .state.waiting}}{{$pod}}: {{.reason}}: {{.message}}{{"\n"}}{{end}}{{end}}{{end}}{{end}}'

# kept SELECTOR: print what keeps pods, a line each.
kept() {
    ours get pods --selector "$1" --output "go-template=$KEPT" 2>/dev/null |
        grep -vE ': (ContainerCreating|PodInitializing): |^$' | sort | cut -c 1-300 || true
}

# is_final TEXT REASONS: whether what kubectl says, or a pod, will not change by waiting.
is_final() {
    [[ $1 == *'exceeded its progress deadline'* || $2 =~ :\ (ImagePullBackOff|InvalidImageName|ErrImageNeverPull): ]]
}

# await SELECTOR WAIT...: have kubectl wait until it is content. If it never is, return 1
# with REASONS set to what keeps the pods; what does is told as it comes.
await() {
    local selector=$1 end=$((SECONDS + TIMEOUT)) answer told=''
    shift
    until answer=$(ours "$@" --timeout 5s 2>&1); do
        REASONS=$(kept "$selector")
        ! is_final "$answer" "$REASONS" || return
        ((SECONDS < end)) || return
        [[ ! $REASONS || $REASONS == "$told" ]] || say "$REASONS"
        told=$REASONS
        sleep 1
    done
    say "${answer##*$'\n'}"
}

# ready KIND SELECTOR: wait until all of a kind have what they should have.
ready() {
    local one name
    for one in $(ours get "$1" --selector "$2" --output name); do
        name=$(ours get "$one" --output 'jsonpath={.metadata.labels.app\.kubernetes\.io/name}')
        await "app.kubernetes.io/name=$name,microflack/kind!=migrate" rollout status "$one" && continue
        [[ $1 != deployment ]] || ! has_older "$one" ||
            die "$one does not get ready, what ran before serves on. $(reasons "describe $one")." \
                "'kubectl --context $CONTEXT -n $NAMESPACE rollout undo $one' takes the new release back"
        die "$one does not get ready. $(reasons "describe $one"). $LEFT"
    done
}

# has_older NAME: whether a Deployment has instances of what it was before.
has_older() {
    local all new
    IFS=: read -r all new < <(ours get "$1" --output 'jsonpath={.status.replicas}:{.status.updatedReplicas}{"\n"}')
    ((${all:-0} > ${new:-0}))
}

# migrated SELECTOR: wait until all jobs have ended well.
migrated() {
    await "$1" wait --for condition=complete job --selector "$1" && return
    die "a database is not migrated, what ran goes on. $(reasons "logs --selector $1 --all-containers"). $LEFT"
}

# reasons COMMAND: a sentence of REASONS, and with which command of kubectl more is seen.
reasons() {
    local first=${REASONS%%$'\n'*}
    printf '%s' "${first:+$first; }'kubectl --context $CONTEXT -n $NAMESPACE $1' says more"
}
