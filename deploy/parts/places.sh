# shellcheck shell=bash disable=SC2034  # sourced by the scripts beside it
# Names, places and the few words that bootstrap, upgrade and uninstall share.

ACCOUNT=dolpa                  # no password, no login
CODE=/opt/dolpa                # root's; the service can only read it
VERSIONS=$CODE/releases
CURRENT=$CODE/current          # a link to the release in force
PREVIOUS=$CODE/previous        # and to the one before
WAY_BACK=$CODE/way-back        # the copy of the data that an upgrade made
DATA=/var/lib/dolpa
BACKUPS=$DATA/backups
CONFIG=/etc/dolpa
UNITS=/etc/systemd/system
JOURNALD=/etc/systemd/journald.conf.d/dolpa.conf
COMMAND=/usr/local/bin/dolpa
SWAP=/var/dolpa_swap
SWAP_UNIT=var-dolpa_swap.swap  # systemd wants the path in the name
STARTED_AT_BOOT=(dolpa.service dolpa-backup.timer)

CHANGES=0
did() {
    CHANGES=$((CHANGES + 1))
    printf '+ %s\n' "$*"
}
same() { printf '= %s\n' "$*"; }
note() { printf '  %s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

need_root() { [[ $EUID -eq 0 ]] || fail "run it as root: sudo $0"; }

# False in a chroot or a container without systemd: units are placed, nothing is started.
systemd_runs() { [[ -d /run/systemd/system ]] && ! systemd-detect-virt --quiet --chroot; }

# as_account PROGRAM ...: as the dedicated user, with nothing of root's environment but the way out.
as_account() {
    local name kept=()
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY \
        PIP_INDEX_URL PIP_CERT; do
        [[ -z ${!name-} ]] || kept+=("$name=${!name}")
    done
    setpriv --reuid "$ACCOUNT" --regid "$ACCOUNT" --init-groups --no-new-privs -- \
        env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$DATA" LANG=C.UTF-8 \
        PYTHONDONTWRITEBYTECODE=1 ${kept[@]+"${kept[@]}"} "$@"
}

# directory PATH OWNER:GROUP MODE
directory() {
    if [[ -d $1 && $(stat -c '%U:%G %a' "$1") == "$2 $3" ]]; then
        same "$1"
        return
    fi
    install -d -o "${2%:*}" -g "${2#*:}" -m "$3" "$1"
    did "$1"
}

# put SOURCE TARGET OWNER:GROUP MODE: written only where content, owner or mode differ.
put() {
    if [[ -f $2 && $(stat -c '%U:%G %a' "$2") == "$3 $4" ]] && cmp -s "$1" "$2"; then
        same "$2"
        return
    fi
    install -D -o "${3%:*}" -g "${3#*:}" -m "$4" "$1" "$2"
    did "$2"
}
