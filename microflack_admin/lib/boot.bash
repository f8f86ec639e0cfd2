# shellcheck shell=bash
# Whether the platform starts with the machine: `mfup --boot` and `mfup --no-boot`.

# mf_have_boot on|off|"" OPTION...: start it with the machine, as mfup with these options
# does; or do not any more; or leave it as it is.
mf_have_boot() {
    [[ $1 ]] || return 0
    # systemd calls mfup, too, which waits for this lock.
    exec 9>&-
    mf_bare_python mfplatform.commands.boot "$@"
}
