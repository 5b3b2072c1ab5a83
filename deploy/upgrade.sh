#!/usr/bin/env bash
# Puts a new version beside the old one and changes over, with a copy of the data and a way back.
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
sudo deploy/upgrade.sh [--from TARBALL|FOLDER]
sudo deploy/upgrade.sh --back [--with-data]

Run from the new checkout (or with --from), it builds the new version beside the old one, checks the
settings with it, stops the assistant, copies the data, changes over and waits until the new version
says READY. One that does not is taken back at once, as --back does it.

  --from TARBALL|FOLDER   where the new code comes from; default: the checkout this script lies in
  --back                  the version before this one. The data of the time go back too where the
                          older version cannot read the present ones; else they stay as they are
  --with-data             with --back: the data go back in any case. What happened since is lost to
                          the book; what is replaced is kept beside it
  -h, --help              this text
TEXT
}

main() {
    local from=$HERE/.. back=no with_data=no
    while [[ $# -gt 0 ]]; do
        case $1 in
            --from) from=${2:?--from needs a tarball or a folder} && shift 2 ;;
            --back) back=yes && shift ;;
            --with-data) with_data=yes && shift ;;
            -h | --help) usage && exit 0 ;;
            *) usage >&2 && exit 2 ;;
        esac
    done
    need_root
    [[ -L $CURRENT ]] || fail "nothing is installed: sudo deploy/bootstrap.sh"
    OLD=$(readlink "$CURRENT")
    SCRATCH=$(mktemp -d)
    trap 'rm -rf "$SCRATCH"' EXIT
    chmod 711 "$SCRATCH"
    WAS_ACTIVE=no
    ! systemd_runs || ! systemctl --quiet is-active dolpa.service || WAS_ACTIVE=yes
    if [[ $back == yes ]]; then
        go_back "$with_data"
    else
        go_on "$(realpath "$from")"
    fi
}

go_on() { # SOURCE
    recognise
    packages
    choose_python
    open_source "$1"
    name_release
    if [[ $RELEASE == "$OLD" ]]; then
        echo "Nothing changed: $(basename "$OLD") is in force."
        return
    fi
    make_release
    check_settings "$RELEASE"
    stop
    copy_data
    point "$PREVIOUS" "$OLD"
    point "$CURRENT" "$RELEASE"
    put_units "$RELEASE"
    if ! start; then
        journalctl --unit dolpa.service --lines 20 --no-pager || true
        note "the new version did not become ready; taking it back"
        go_back no
        fail "$(basename "$RELEASE") did not start; $(basename "$OLD") is in force again"
    fi
    drop_old_releases
    echo "Dolpa is $(basename "$RELEASE") now; back: sudo dolpa upgrade --back"
}

go_back() { # WITH_DATA
    local target leaving
    [[ -L $PREVIOUS ]] || fail "there is no version to go back to"
    target=$(readlink "$PREVIOUS")
    leaving=$(readlink "$CURRENT")
    [[ -e $target/.complete ]] || fail "$target is not there any more"
    check_settings "$target"
    stop
    if [[ $1 == yes ]] || ! can_read "$target"; then
        put_data_back "$target"
    else
        same "the data stay: $(basename "$target") reads them"
    fi
    point "$CURRENT" "$target"
    rm -f "$PREVIOUS" "$WAY_BACK"
    put_units "$target"
    start || fail "$(basename "$target") did not become ready: journalctl -u dolpa"
    echo "Dolpa is $(basename "$target") again; $(basename "$leaving") is left."
}

stop() {
    [[ $WAS_ACTIVE == yes ]] || return 0
    systemctl stop dolpa.service
    did "dolpa.service is stopped"
}

# systemctl comes back once the program has said READY, or not at all.
start() {
    if [[ $WAS_ACTIVE == no ]]; then
        note "it did not run before and is not started: sudo systemctl start dolpa"
        return 0
    fi
    systemctl reset-failed dolpa.service
    systemctl start dolpa.service || return 1
    did "dolpa.service is ready"
}

copy_data() {
    local copy
    rm -f "$WAY_BACK"
    if [[ ! -e $DATA/state.db ]]; then
        same "no data yet: nothing to copy"
        return
    fi
    copy=$BACKUPS/before-$(basename "$RELEASE").zip
    program "$OLD" backup "$copy" --force >"$SCRATCH/copied" 2>&1 || {
        start || true
        fail "the data cannot be copied, nothing was changed: $(cat "$SCRATCH/copied")"
    }
    echo "$copy" >"$WAY_BACK"
    did "$copy"
}

put_data_back() { # RELEASE
    if [[ ! -e $WAY_BACK ]]; then
        same "there were no data then: nothing to put back"
        return
    fi
    program "$1" restore "$(cat "$WAY_BACK")" || fail "the copy $(cat "$WAY_BACK") cannot be put back"
    did "data of $(cat "$WAY_BACK")"
}

# Whether a release knows the form of every database that lies here.
can_read() { # RELEASE
    (cd "$1" && as_account .venv/bin/python - "$DATA") <<'PYTHON'
import sqlite3
import sys
from pathlib import Path

from engine.adapters.sqlite.schema import BOOK, STATE

for path in Path(sys.argv[1]).glob("*.db"):
    known = (STATE if path.name == "state.db" else BOOK).version
    (found,) = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True).execute("PRAGMA user_version").fetchone()
    if found > known:
        sys.exit(1)
PYTHON
}

program() { # RELEASE COMMAND FILE ...
    (cd "$1" && as_account .venv/bin/python -m bot "${@:2}" --data-dir "$DATA")
}

# The one in force and the one before stay: each is some hundred megabytes.
drop_old_releases() {
    local one
    for one in "$VERSIONS"/*; do
        [[ $one != "$(readlink "$CURRENT")" && $one != "$(readlink "$PREVIOUS")" ]] || continue
        rm -rf "$one"
        did "$one is removed"
    done
    find "$BACKUPS" -name 'before-*.zip' -mtime +90 -delete
}

main "$@"
exit
