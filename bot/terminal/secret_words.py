"""What ``run.py secrets`` says. No value is ever an argument here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.format.lang import Lang
from bot.terminal import here
from bot.terminal.columns import in_columns


class Origin(StrEnum):
    """Where a value in force comes from."""

    ENVIRONMENT = "environment"
    FILE = "file"
    STORE = "store"
    OUTSIDE = "outside"  # a systemd credential, or somebody's head


@dataclass(frozen=True, slots=True)
class Row:
    """One name of ``list``. ``days`` None: unknown. ``is_overruled``: the store's is not used."""

    name: str
    origin: Origin
    days: int | None
    fingerprint: str
    is_old: bool = False
    is_overruled: bool = False


def usage(lang: Lang, names: Sequence[str]) -> str:
    """``set`` without a name."""
    return "\n  ".join([
        lang.pick("어느 값인지 이름을 적어 주세요:", "Say which one, by its name:"),
        *names,
        lang.pick("예: ", "Such as: ") + here.typed(f"secrets set {names[0]}"),
    ])  # fmt: skip


def wrong_shape(name: str, told: str, lang: Lang) -> str:
    """Not what such a value looks like."""
    nothing = lang.pick("아무것도 바꾸지 않았습니다.", "Nothing was changed.")
    return f"{name}: {told} {nothing}"


def unknown_name(name: str, nearest: str | None, lang: Lang) -> str:
    """No such name."""
    hint = "" if nearest is None else lang.pick(f" 혹시 {nearest}?", f" Did you mean {nearest}?")
    return lang.pick(f"모르는 이름입니다: {name}.", f"Unknown name: {name}.") + hint


def ask_value(name: str, lang: Lang) -> str:
    """Typed without echo."""
    return lang.pick(f"{name} (화면에 보이지 않음): ", f"{name} (not shown): ")


def ask_passphrase(lang: Lang) -> str:
    """The one that opens the store."""
    return lang.pick("마스터 암호: ", "Master passphrase: ")


def ask_new_passphrase(least: int, lang: Lang) -> str:
    """A first or another one."""
    return lang.pick(
        f"새 마스터 암호 ({least}자 이상, 보이지 않음): ",
        f"New master passphrase ({least} characters or more, not shown): ",
    )


def ask_again(lang: Lang) -> str:
    """Typed twice, since nobody sees it."""
    return lang.pick("한 번 더: ", "Once more: ")


def passphrases_differ(lang: Lang) -> str:
    """The second one is another."""
    return lang.pick(
        "두 암호가 다릅니다. 아무것도 바꾸지 않았습니다.",
        "The two differ. Nothing was changed.",
    )


def passphrase_too_short(least: int, lang: Lang) -> str:
    """Too easily guessed."""
    return lang.pick(
        f"마스터 암호는 {least}자 이상이어야 합니다. 무작위 낱말 네 개면 좋습니다.",
        f"A master passphrase has {least} characters or more. Four random words are a good one.",
    )


def no_passphrase(name: str, lang: Lang) -> str:
    """Nobody can be asked for it."""
    return lang.pick(
        f"{name} 환경변수로 마스터 암호를 주거나 터미널에서 실행하세요.",
        f"Give the master passphrase in {name}, or run this in a terminal.",
    )


def no_value(name: str, lang: Lang) -> str:
    """Nothing was typed."""
    return lang.pick(
        f"{name}: 값이 없습니다. 아무것도 바꾸지 않았습니다.",
        f"{name}: no value. Nothing was changed.",
    )


def kept(name: str, fingerprint: str, place: str, lang: Lang) -> str:
    """Written."""
    return lang.pick(
        f"✅ {name} 저장 (지문 {fingerprint}): {place}",
        f"✅ {name} is kept (fingerprint {fingerprint}): {place}",
    )


def overruled(name: str, origin: Origin, lang: Lang) -> str:
    """Kept, but something else wins."""
    where = origin_name(origin, lang)
    return lang.pick(
        f"⚠️ {name}: {where}의 값이 우선합니다. 거기서 지우세요.",
        f"⚠️ {name}: the one in {where} wins. Remove it there.",
    )


def new_store(name: str, lang: Lang) -> str:
    """The passphrase was chosen just now."""
    return lang.pick(
        f"마스터 암호를 잃으면 저장한 값도 잃습니다. 시작할 때 읽게 {name} 환경변수나 .env에, "
        "서버라면 systemd 자격증명 master_passphrase에 두세요.",
        f"Where the passphrase is lost, so is what is kept. For the start put it into {name} "
        "(environment or .env), on a server into systemd's credential master_passphrase.",
    )


def at_next_start(lang: Lang) -> str:
    """A running assistant has read its secrets already."""
    return lang.pick(
        "실행 중이면 다시 시작할 때 적용됩니다.",
        "A running assistant takes it at its next start.",
    )


def origin_name(origin: Origin, lang: Lang) -> str:
    """A source in words."""
    names = {
        Origin.ENVIRONMENT: ("환경변수", "the environment"),
        Origin.FILE: (".env", ".env"),
        Origin.STORE: ("암호화 저장소", "the encrypted store"),
        Origin.OUTSIDE: ("systemd 또는 직접 입력", "systemd, or typed"),
    }
    return lang.pick(*names[origin])


def table(rows: Sequence[Row], lang: Lang) -> str:
    """Names, ages and fingerprints."""
    if not rows:
        return lang.pick("저장된 비밀값이 없습니다.", "No secrets are kept.")
    head = lang.pick("이름|나이|지문|위치", "name|age|fingerprint|where").split("|")
    return "\n".join(
        in_columns(
            [
                head,
                *([row.name, _age(row, lang), row.fingerprint, _where(row, lang)] for row in rows),
            ]
        )
    )


def about_fingerprints(lang: Lang) -> str:
    """What they can be used for."""
    return lang.pick(
        "지문은 저장소 안의 무작위 열쇠로 만든 HMAC입니다. 같은 값인지 비교만 할 수 있습니다.",
        "Fingerprints are an HMAC under a random key inside the store: good for comparing only.",
    )


def imported(names: Sequence[str], lang: Lang) -> str:
    """Taken over from a file."""
    listed = ", ".join(names)
    return lang.pick(
        f"✅ {len(names)}개를 암호화 저장소로 옮겼습니다: {listed}",
        f"✅ {len(names)} taken over into the encrypted store: {listed}",
    )


def nothing_to_import(place: str, lang: Lang) -> str:
    """A file without a known name."""
    return lang.pick(f"{place}: 옮길 값이 없습니다.", f"{place}: nothing to take over.")


def ask_wipe(place: str, lang: Lang) -> str:
    """The file still holds them in clear."""
    return lang.pick(
        f"{place}에서 이 값들을 지울까요? (이름만 주석으로 남습니다) [예/아니오]: ",
        f"Wipe these values from {place}? (their names stay, as comments) [yes/no]: ",
    )


def wiped(place: str, lang: Lang) -> str:
    """Gone from the file."""
    return lang.pick(
        f"✅ {place}의 값을 덮어썼습니다. 백업이나 디스크 스냅샷에는 남아 있을 수 있습니다.",
        f"✅ The values in {place} were overwritten. Backups and snapshots may still hold them.",
    )


def left_in_clear(place: str, lang: Lang) -> str:
    """The file was left alone."""
    return lang.pick(
        f"⚠️ {place}에 값이 그대로 있고, 저장소보다 우선합니다.",
        f"⚠️ {place} still holds the values in clear, and they win over the store's.",
    )


def passphrase_beside(name: str, place: str, lang: Lang) -> str:
    """The key lies beside the lock."""
    return lang.pick(
        f"⚠️ {name}는 {place}에 있습니다. 그 파일과 data/를 함께 읽는 사람은 모두 풀 수 있습니다. "
        "서버에서는 systemd LoadCredential이 더 안전합니다.",
        f"⚠️ {name} stays in {place}: whoever reads that file and data/ can open the store. "
        "On a server systemd's LoadCredential is safer.",
    )


def rotated(lang: Lang) -> str:
    """Under the new passphrase."""
    return lang.pick(
        "✅ 새 암호로 다시 저장하고 읽어 확인했습니다. 다음 시작 때 새 접근토큰을 받습니다.\n"
        "이제 암호를 두는 곳(.env, 환경변수, systemd 자격증명)도 새것으로 바꾸세요.",
        "✅ Written under the new passphrase and read back. The next start asks for a new access "
        "token.\nNow change it where it is kept, too (.env, environment, systemd credential).",
    )


def nothing_to_rotate(place: str, lang: Lang) -> str:
    """There is no store."""
    setup, one = here.typed("setup"), here.typed("secrets set")
    return lang.pick(
        f"{place}: 암호화 저장소가 아직 없어 바꿀 암호도 없습니다. 만들기: {setup}, "
        f"값 하나씩: {one}",
        f"{place}: there is no encrypted store yet, so no passphrase to change. To make one: "
        f"{setup}; value by value: {one}",
    )


def interrupted(lang: Lang) -> str:
    """Ctrl-C, or stdin ended."""
    return lang.pick(
        "\n중단했습니다. 저장된 것은 그대로입니다.",
        "\nBroken off. What is kept is as it was.",
    )


def _age(row: Row, lang: Lang) -> str:
    if row.days is None:
        return lang.pick("모름", "unknown")
    days = lang.pick(f"{row.days}일", f"{row.days} d")
    return days + (lang.pick(" ⚠ 교체", " ⚠ renew") if row.is_old else "")


def _where(row: Row, lang: Lang) -> str:
    note = lang.pick(" (저장소 값은 쓰이지 않음)", ", not the store's")
    return origin_name(row.origin, lang) + (note if row.is_overruled else "")
