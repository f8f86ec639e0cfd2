# shellcheck shell=bash
# Completion of the mf* commands, for bash and zsh. Sourced by mfvars in a shell that
# somebody types in. What a command takes is read from its own "Usage:" line and header,
# so a new command is completed without a word here.

_mf_bin=$1

# _mf_words COMMAND: all that may come after it, one a line.
_mf_words() {
    local file=$_mf_bin/$1 usage
    usage=$(command sed -n "s/^# Usage: $1//p" "$file")
    # Options, and words that are to be typed as they stand, are in small letters.
    printf '%s\n' --help
    command sed -n '/^#/!q; s/^#//p' "$file" | command grep -oE -- '[ []--?[a-z][a-z-]*' | tr -d ' ['
    tr -c 'a-z-' '\n' <<<"$usage" | command grep -E '^[a-z]{2,}$' | command grep -vxF -- "$1"
    case $usage in *SERVICE*) tr ' ' '\n' <<<"$MF_SERVICES" ;; esac
    case $usage in *INSTANCE*) _mf_list "$MF_HOME/instances" ;; esac
    case $usage in *PART*) _mf_list "$MF_HOME/supervisor/conf.d" | command sed 's/\.conf$//' ;; esac
    case $usage in *TAG*) _mf_list "$MF_HOME"/images/*/tags ;; esac
}

_mf_list() {
    local folder
    for folder in "$@"; do
        [ ! -d "$folder" ] || command ls -- "$folder"
    done
}

_mf_complete() {
    local typed=${COMP_WORDS[COMP_CWORD]} word
    COMPREPLY=()
    while IFS= read -r word; do
        case $word in "$typed"*) COMPREPLY+=("$word") ;; esac
    done < <(_mf_words "${COMP_WORDS[0]##*/}" | command sort -u)
}

if [ -n "${ZSH_VERSION:-}" ]; then
    autoload -U +X compinit bashcompinit && compinit -u && bashcompinit
fi
for _mf_command in $(_mf_list "$_mf_bin"); do
    complete -o default -F _mf_complete "$_mf_command"
done
unset _mf_command
