"""What the wizard asks and says of the master passphrase, in both languages."""

from __future__ import annotations

from bot.format.lang import Lang
from bot.terminal import here

VARIABLE = "AUTOTRADE_MASTER_PASSPHRASE"


def passphrase_found(where: str, lang: Lang) -> str:
    """Nothing to ask."""
    return lang.pick(
        f"마스터 암호: {where}에서 찾았습니다.", f"Master passphrase: found in {where}."
    )


def ask_store_passphrase(lang: Lang) -> str:
    """The store exists."""
    return lang.pick(
        "암호화 저장소가 있습니다. 그 마스터 암호 (보이지 않음): ",
        "There is an encrypted store. Its master passphrase (not shown): ",
    )


def ask_new_passphrase(least: int, lang: Lang) -> str:
    """First contact."""
    return lang.pick(
        f"키를 암호화할 마스터 암호를 정하세요. {least}자 이상, 비우면 만들어 드립니다 (보이지 "
        f"않음): ",
        f"Choose the passphrase that encrypts your keys: {least} characters or more, empty: one "
        "is made for you (not shown): ",
    )


def generated(passphrase: str, lang: Lang) -> str:
    """Shown this once. Words of ours, not a secret of KIS."""
    return lang.pick(
        f"\n    {passphrase}\n\n"
        "지금 암호 관리자에 옮겨 적으세요. 다시 보여 드리지 않습니다. 잃으면 키를 새로 넣어야 "
        "합니다.",
        f"\n    {passphrase}\n\n"
        "Copy it into your password manager now; it is not shown again. Where it is lost, all "
        "keys have to be given anew.",
    )


def ask_written_down(lang: Lang) -> str:
    """Before going on."""
    return lang.pick("적었으면 Enter: ", "Enter once you have it: ")


def ask_passphrase_in_file(file: str, lang: Lang) -> str:
    """Where the assistant finds it at its start."""
    start = here.start()
    return lang.pick(
        "시작할 때마다 마스터 암호가 필요합니다.\n"
        f"  '예'라고 하면 {file} 파일에 저장합니다(주인만 읽게). 편하지만 이 컴퓨터의 파일을 "
        f"읽을 수 있는 사람은 키도 읽습니다.\n"
        f"  '아니오'라고 하면 시작할 때마다({start}) 직접 입력하거나 환경변수 {VARIABLE}에 두어야 "
        f"합니다.\n"
        "저장할까요? [아니오]: ",
        "The assistant needs the passphrase at each start.\n"
        f"  yes: into {file} (0600). Easy, but who reads this machine's files reads the keys.\n"
        f"  no: {start} asks for it, unless {VARIABLE} holds it.\n"
        "Into the file? [no]: ",
    )


def ask_again(lang: Lang) -> str:
    """A passphrase, typed twice."""
    return lang.pick("한 번 더: ", "Once more: ")


def passphrases_differ(lang: Lang) -> str:
    """The second one is another."""
    return lang.pick("두 암호가 다릅니다. 다시 정하세요.", "The two differ. Choose again.")


def passphrase_too_short(least: int, lang: Lang) -> str:
    """Too easily guessed."""
    return lang.pick(
        f"마스터 암호는 {least}자 이상이어야 합니다.",
        f"A master passphrase has {least} characters or more.",
    )


def passphrase_at_start(lang: Lang) -> str:
    """It is nowhere to be found: somebody has to type it, or a variable holds it."""
    return lang.pick(
        f"시작할 때마다 마스터 암호를 묻습니다. 묻지 않게 하려면 환경변수 {VARIABLE}로 주세요.",
        f"Each start asks for the passphrase; it does not where {VARIABLE} is set.",
    )


def nothing_typed(left: int, lang: Lang) -> str:
    """Enter alone; ``left``: how many tries there are."""
    return lang.pick(
        f"아무것도 입력하지 않았습니다. 다시 입력하세요(남은 기회 {left}번, 그만두려면 Ctrl-C).",
        f"Nothing was typed. Once more ({left} left; Ctrl-C breaks off).",
    )


def does_not_open(left: int, lang: Lang) -> str:
    """Another one than the store was made with."""
    return lang.pick(
        f"암호가 맞지 않습니다. 다시 입력하세요(남은 기회 {left}번, 그만두려면 Ctrl-C).",
        f"That is not the passphrase. Once more ({left} left; Ctrl-C breaks off).",
    )
