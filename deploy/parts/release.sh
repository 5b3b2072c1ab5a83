# shellcheck shell=bash  # sourced by bootstrap.sh and upgrade.sh after places.sh
# A release: the code and its packages in a folder of their own, named by version and content.

# What runs; tests and benchmarks stay behind.
readonly PARTS=(bot engine reports sandbox deploy docs run.py requirements.txt config.yaml
    .env.example pyproject.toml README.md README.ko.md CHANGELOG.md LICENSE)

# Sets SOURCE: a folder, or what a tarball holds.
open_source() {
    if [[ -d $1 ]]; then
        SOURCE=$1
    else
        [[ -f $1 ]] || fail "$1: neither a folder nor a tarball"
        tar -xf "$1" -C "$SCRATCH"
        SOURCE=$(find "$SCRATCH" -maxdepth 2 -name run.py -printf '%h\n' | head -n 1)
    fi
    [[ -f $SOURCE/run.py && -f $SOURCE/bot/__init__.py ]] || fail "$1: no Dolpa in it"
}

# Sets RELEASE, and packs the source so that the same content has the same name everywhere.
name_release() {
    local version
    version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$SOURCE/bot/__init__.py")
    tar -C "$SOURCE" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu \
        --mode=u=rwX,go=rX --exclude=__pycache__ --exclude='*.pyc' --exclude=docs/pictures \
        -cf "$SCRATCH/release.tar" "${PARTS[@]}"
    RELEASE=$VERSIONS/$version-$(sha256sum <"$SCRATCH/release.tar" | cut -c 1-12)
}

# The packages are fetched and built by the dedicated user; afterwards all of it is root's.
make_release() {
    if [[ -e $RELEASE/.complete ]]; then
        same "$RELEASE"
        return
    fi
    rm -rf "$RELEASE"
    install -d -o "$ACCOUNT" -g "$ACCOUNT" -m 755 "$RELEASE"
    note "the packages are fetched, which takes a minute or two"
    (
        cd "$RELEASE" || exit
        umask 022
        as_account tar -xf - <"$SCRATCH/release.tar"
        # run.py makes .venv from the hashed requirements, then looks at the sample settings.
        as_account env PIP_NO_CACHE_DIR=1 "$PYTHON" run.py check-config >"$SCRATCH/made" ||
            fail "the packages cannot be installed: $(tail -n 5 "$SCRATCH/made")"
        as_account .venv/bin/python -m compileall -q bot engine reports sandbox
    )
    chown -R root:root "$RELEASE"
    touch "$RELEASE/.complete"
    did "$RELEASE"
}

# A rename: there is no moment without a release.
point() { # LINK TARGET
    if [[ $(readlink "$1" 2>/dev/null) == "$2" ]]; then
        same "$1 -> $2"
        return
    fi
    ln -sfn "$2" "$1.new"
    mv -T "$1.new" "$1"
    did "$1 -> $2"
}

# Refuses settings the program would refuse, and a /health that others could reach.
check_settings() { # RELEASE
    local told host
    told=$(cd "$1" && as_account .venv/bin/python -m bot check-config --config "$CONFIG/config.yaml" \
        --env-file "$CONFIG/env" --data-dir "$DATA" 2>&1) || fail "the settings are refused: $told"
    host=$(sed -n 's/^health\.host = \([^ ]*\).*/\1/p' <<<"$told")
    case $host in
        127.* | ::1 | localhost) same "settings are in order; no port is opened, /health stays on $host" ;;
        *) fail "health.host is '$host' in $CONFIG/config.yaml: anybody could read it. Make it 127.0.0.1" ;;
    esac
}

# Units, limits of the journal and the command, as the release brings them.
put_units() { # RELEASE
    local before=$CHANGES unit
    for unit in dolpa.service dolpa-backup.service dolpa-backup.timer; do
        put "$1/deploy/systemd/$unit" "$UNITS/$unit" root:root 644
    done
    put "$1/deploy/dolpa" "$COMMAND" root:root 755
    if ! systemd_runs; then
        put "$1/deploy/journald/dolpa.conf" "$JOURNALD" root:root 644
    else
        [[ $CHANGES -eq $before ]] || systemctl daemon-reload
        before=$CHANGES
        put "$1/deploy/journald/dolpa.conf" "$JOURNALD" root:root 644
        [[ $CHANGES -eq $before ]] || systemctl restart systemd-journald
    fi
    for unit in "${STARTED_AT_BOOT[@]}"; do
        if systemctl --quiet is-enabled "$unit" 2>/dev/null; then
            same "$unit starts at boot"
        else
            systemctl --quiet enable "$unit"
            did "$unit starts at boot"
        fi
    done
    if systemd_runs && ! systemctl --quiet is-active dolpa-backup.timer; then
        systemctl start dolpa-backup.timer
        did "dolpa-backup.timer runs"
    fi
}
