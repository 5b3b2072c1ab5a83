# shellcheck shell=bash  # sourced by bootstrap.sh and upgrade.sh after places.sh
# What Dolpa needs of the machine: packages, a Python, the right time, room to breathe, an account.

readonly LITTLE_MEMORY_MB=1500 SWAP_MB=1024 ROOM_MB=3072

# Sets FAMILY. Only Debian 12 was tried; the others are written from their package lists.
recognise() {
    local ID='' VERSION_ID=''
    # shellcheck source=/dev/null
    . /etc/os-release
    case "$ID $VERSION_ID" in
        "debian 12") FAMILY=apt ;;
        "ubuntu 22.04" | "ubuntu 24.04") FAMILY=apt ;;
        "amzn 2023") FAMILY=dnf ;;
        *) fail "$ID $VERSION_ID is not known here; Debian 12, Ubuntu 22.04 or 24.04, Amazon Linux 2023 are" ;;
    esac
    same "$ID $VERSION_ID"
    note_untried "$ID $VERSION_ID"
}

note_untried() { [[ $1 == "debian 12" ]] || note "nobody has tried this script on $1 yet; Debian 12 is tried"; }

packages() {
    case $FAMILY in
        apt) apt_packages python3 python3-venv ca-certificates tzdata fonts-nanum ;;
        # Its fonts lack Hangul; the pictures bring NanumGothic themselves.
        dnf) dnf_packages python3.11 ca-certificates tzdata tar shadow-utils util-linux ;;
    esac
}

apt_packages() {
    local name missing=()
    for name in "$@"; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    if [[ ${#missing[@]} -eq 0 ]]; then
        same "packages: $*"
        return
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    did "packages: ${missing[*]}"
}

dnf_packages() {
    local name missing=()
    for name in "$@"; do
        rpm -q --quiet "$name" || missing+=("$name")
    done
    if [[ ${#missing[@]} -eq 0 ]]; then
        same "packages: $*"
        return
    fi
    dnf install -y -q "${missing[@]}"
    did "packages: ${missing[*]}"
}

# Sets PYTHON: the system's own if it fits, else a newer one beside it.
choose_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        PYTHON=$(command -v "$name") || continue
        if "$PYTHON" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            same "$PYTHON: $("$PYTHON" --version)"
            return
        fi
    done
    # Ubuntu 22.04 has 3.10, and its 3.11 is a release candidate.
    fail "Python 3.11-3.13 with venv is needed. On Ubuntu 22.04:
  apt-get install -y software-properties-common && add-apt-repository -y ppa:deadsnakes/ppa
  apt-get install -y python3.12 python3.12-venv     then run this again"
}

# KIS refuses orders of a machine whose clock is off, and the desks stop themselves.
time_sync() {
    local unit
    for unit in chrony chronyd systemd-timesyncd ntpsec ntp; do
        if [[ -e /lib/systemd/system/$unit.service || -e /usr/lib/systemd/system/$unit.service ]]; then
            same "time is kept by $unit"
            time_is_right
            return
        fi
    done
    case $FAMILY in
        apt) apt_packages chrony ;;
        dnf) dnf_packages chrony ;;
    esac
    time_is_right
}

time_is_right() {
    if ! systemd_runs; then
        note "no systemd here: whether the clock is right was not looked at"
    elif [[ $(timedatectl show --property=NTPSynchronized --value 2>/dev/null) == yes ]]; then
        same "the clock is synchronised"
    else
        note "the clock is not synchronised (yet): timedatectl shows it, the doctor measures it"
    fi
}

# A gigabyte of memory is enough for the assistant, not for it and a package upgrade beside it.
swap() {
    local memory_mb free_mb
    memory_mb=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
    if [[ -e $UNITS/$SWAP_UNIT ]]; then
        same "swap: $SWAP"
    elif [[ $memory_mb -ge $LITTLE_MEMORY_MB ]]; then
        same "swap: not needed with $memory_mb MB of memory"
    elif [[ $(wc -l </proc/swaps) -gt 1 ]]; then
        same "swap: there is some already"
    elif systemd-detect-virt --quiet --container || systemd-detect-virt --quiet --chroot; then
        note "swap: left out, a container or chroot may not have its own"
    else
        free_mb=$(df --output=avail -m /var | tail -n 1)
        [[ $free_mb -ge $((SWAP_MB + ROOM_MB)) ]] || fail "$free_mb MB free in /var; swap and code need $((SWAP_MB + ROOM_MB))"
        make_swap
    fi
}

make_swap() {
    rm -f "$SWAP"
    (umask 077 && dd if=/dev/zero of="$SWAP" bs=1M count="$SWAP_MB" status=none)
    if ! { mkswap "$SWAP" >/dev/null && swapon "$SWAP"; }; then
        rm -f "$SWAP"
        note "swap: this machine refuses it; watch the memory"
        return
    fi
    put "$HERE/systemd/$SWAP_UNIT" "$UNITS/$SWAP_UNIT" root:root 644
    systemctl --quiet enable "$SWAP_UNIT"
    did "swap: $SWAP_MB MB in $SWAP, on at each boot"
}

account() {
    if getent passwd "$ACCOUNT" >/dev/null; then
        same "user $ACCOUNT"
        return
    fi
    useradd --system --user-group --home-dir "$DATA" --no-create-home \
        --shell "$(command -v nologin || echo /usr/sbin/nologin)" "$ACCOUNT"
    did "user $ACCOUNT, without a login"
}
