#!/usr/bin/env bash
# Makes a bare machine one that runs Dolpa. Run again, it changes nothing and says so.
#
# Tried: Debian 12 (tests/deploy/try_debian.py does it for real).
# Untried: Ubuntu 22.04 and 24.04, Amazon Linux 2023; their paths are only checked by shellcheck.
set -euo pipefail
umask 022

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/parts/places.sh
. "$HERE/parts/places.sh"
# shellcheck source=deploy/parts/machine.sh
. "$HERE/parts/machine.sh"
# shellcheck source=deploy/parts/release.sh
. "$HERE/parts/release.sh"

usage() {
    cat <<'TEXT'
sudo deploy/bootstrap.sh [--from TARBALL|FOLDER]

Installs Dolpa: packages, the user dolpa, code in /opt/dolpa, data in /var/lib/dolpa, settings in
/etc/dolpa, the units dolpa.service and dolpa-backup.timer. Without --from it takes the checkout it
lies in. It opens no port and asks nothing. A second run changes nothing.

  --from TARBALL|FOLDER   where the code comes from
  -h, --help              this text

Afterwards: sudo dolpa setup, then sudo systemctl start dolpa. docs/install.md tells the whole way.
TEXT
}

main() {
    local from=$HERE/..
    while [[ $# -gt 0 ]]; do
        case $1 in
            --from) from=${2:?--from needs a tarball or a folder} && shift 2 ;;
            -h | --help) usage && exit 0 ;;
            *) usage >&2 && exit 2 ;;
        esac
    done
    need_root
    SCRATCH=$(mktemp -d)
    trap 'rm -rf "$SCRATCH"' EXIT
    chmod 711 "$SCRATCH"

    recognise
    packages
    choose_python
    time_sync
    swap
    account
    directories
    code "$(realpath "$from")"
    settings
    put_units "$RELEASE"
    check_settings "$RELEASE"
    conclude
}

directories() {
    directory "$CODE" root:root 755
    directory "$VERSIONS" root:root 755
    # Sticky: the account may replace its own env there, never what is root's.
    directory "$CONFIG" "root:$ACCOUNT" 1770
    # Data that an earlier installation left belongs to root.
    if [[ -d $DATA && $(stat -c %U "$DATA") != "$ACCOUNT" ]]; then
        chown -R "$ACCOUNT:$ACCOUNT" "$DATA"
        did "$DATA is $ACCOUNT's again"
    fi
    directory "$DATA" "$ACCOUNT:$ACCOUNT" 700
    directory "$BACKUPS" "$ACCOUNT:$ACCOUNT" 700
}

code() { # SOURCE
    open_source "$1"
    name_release
    if [[ -L $CURRENT && $(readlink "$CURRENT") != "$RELEASE" ]]; then
        fail "$(readlink "$CURRENT") is installed. For this version: sudo deploy/upgrade.sh"
    fi
    make_release
    point "$CURRENT" "$RELEASE"
}

# Written once; from then on they are the trader's. Only owner and mode are put right.
settings() {
    once "$RELEASE/config.yaml" "$CONFIG/config.yaml" "root:$ACCOUNT" 640
    once "$RELEASE/.env.example" "$CONFIG/env" "$ACCOUNT:$ACCOUNT" 600
    if [[ ! -e $CONFIG/master_passphrase ]]; then
        (umask 077 && head -c 32 /dev/urandom | base64 >"$SCRATCH/passphrase")
        note "keep a copy of $CONFIG/master_passphrase elsewhere: it opens the stored keys"
    fi
    # Only systemd reads it, as root, and hands it to the service (LoadCredential).
    once "$SCRATCH/passphrase" "$CONFIG/master_passphrase" root:root 600
}

once() { # SOURCE TARGET OWNER:GROUP MODE
    local source=$1
    [[ ! -e $2 ]] || source=$2
    if [[ $source == "$2" && $(stat -c '%U:%G %a' "$2") != "$3 $4" ]]; then
        chown "$3" "$2"
        chmod "$4" "$2"
        did "$2: owner and mode"
        return
    fi
    put "$source" "$2" "$3" "$4"
}

conclude() {
    if [[ $CHANGES -eq 0 ]]; then
        echo "Nothing changed: Dolpa is installed as $(basename "$RELEASE")."
    else
        echo "$CHANGES changes: Dolpa is installed as $(basename "$RELEASE")."
    fi
    if ! systemd_runs; then
        echo "No systemd runs here: the service is enabled and starts with the next boot."
    elif ! systemctl --quiet is-active dolpa.service; then
        echo "Next: sudo dolpa setup, sudo dolpa doctor, sudo systemctl start dolpa"
    fi
}

main "$@"
exit
