#!/usr/bin/env bash
# Takes away what bootstrap.sh made. Data and settings only when asked to.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/parts/places.sh
. "$HERE/parts/places.sh"

usage() {
    cat <<'TEXT'
sudo deploy/uninstall.sh [--purge [--yes]]

Stops the assistant and removes service, timer, swap, user and code. Data (/var/lib/dolpa) and
settings with the keys (/etc/dolpa) stay, readable by root alone. Positions stay at the broker.

  --purge       data, backups and settings are removed as well, after a question
  --yes         with --purge: without the question
  -h, --help    this text
TEXT
}

main() {
    local purge=no sure=no
    while [[ $# -gt 0 ]]; do
        case $1 in
            --purge) purge=yes ;;
            --yes) sure=yes ;;
            -h | --help) usage && exit 0 ;;
            *) usage >&2 && exit 2 ;;
        esac
        shift
    done
    need_root
    [[ $purge == no || $sure == yes ]] || ask
    remove_units
    remove_swap
    remove "$CODE"
    remove "$COMMAND"
    if [[ $purge == yes ]]; then
        remove "$DATA"
        remove "$CONFIG"
    else
        keep "$DATA"
        keep "$CONFIG"
    fi
    remove_account
    conclude
}

ask() {
    local answer=''
    echo "The book of every trade, the backups in $BACKUPS and the keys in $CONFIG will be gone."
    read -r -p "Type dolpa to remove them: " answer || true
    [[ $answer == dolpa ]] || fail "nothing was removed"
}

remove_units() {
    local unit
    for unit in dolpa.service dolpa-backup.timer dolpa-backup.service; do
        [[ -e $UNITS/$unit ]] || continue
        # Also where the unit is broken: its files go in any case.
        systemctl --quiet disable "$unit" || true
        ! systemd_runs || systemctl stop "$unit" || true
        remove "$UNITS/$unit"
        remove "$UNITS/$unit.d"
    done
    remove "$JOURNALD"
    rmdir --ignore-fail-on-non-empty "$(dirname "$JOURNALD")" 2>/dev/null || true
    remove /var/lib/systemd/timers/stamp-dolpa-backup.timer
    systemd_runs || return 0
    systemctl daemon-reload
    systemctl reset-failed 'dolpa*' 2>/dev/null || true
    systemctl restart systemd-journald
}

remove_swap() {
    [[ -e $UNITS/$SWAP_UNIT || -e $SWAP ]] || return 0
    systemctl --quiet disable "$SWAP_UNIT" || true
    ! grep -q "^$SWAP " /proc/swaps || swapoff "$SWAP"
    remove "$UNITS/$SWAP_UNIT"
    remove "$SWAP"
    ! systemd_runs || systemctl daemon-reload
}

remove() {
    [[ -e $1 || -L $1 ]] || return 0
    rm -rf "$1"
    did "$1 is removed"
}

# The account goes, and its number may be another's tomorrow: what it owned becomes root's.
keep() {
    [[ -e $1 ]] || return 0
    chown -R root:root "$1"
    chmod 700 "$1"
    note "$1 stays (--purge removes it)"
}

remove_account() {
    getent passwd "$ACCOUNT" >/dev/null || return 0
    userdel "$ACCOUNT"
    did "user $ACCOUNT is removed"
}

conclude() {
    note "packages stay, others may use them: python3-venv, fonts-nanum, chrony where it was installed"
    if systemd_runs; then note "its log stays in the journal until that is full"; fi
    if [[ $CHANGES -eq 0 ]]; then echo "Nothing to remove."; else echo "Dolpa is removed."; fi
}

main "$@"
exit
