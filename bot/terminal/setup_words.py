"""What the wizard asks and says, in both languages. Troubles are in ``troubles``."""

from __future__ import annotations

from bot.format.lang import Lang

LANGUAGE = "언어 / Language [ko/en]"
PAIRED_GREETING = "✅ Dolpa: 연결됐습니다. / Paired."


def welcome(lang: Lang) -> str:
    """Before the first question."""
    return lang.pick(
        "Dolpa 설정을 시작합니다. 끝에서 한 번에 저장하며, 그 전에 Ctrl-C를 누르면 아무것도 "
        "바뀌지 않습니다.\n"
        "대괄호는 Enter를 눌렀을 때의 답입니다.",
        "Setting up Dolpa. Everything is kept at once at the end; Ctrl-C before that changes "
        "nothing.\nIn brackets: the answer that Enter gives.",
    )


def heading(number: int, title: tuple[str, str], lang: Lang) -> str:
    """A step's title."""
    return f"\n── {number}/8 {lang.pick(*title)}"


STEPS = (
    ("마스터 암호", "Master passphrase"),
    ("텔레그램 봇", "Telegram bot"),
    ("내 텔레그램 연결", "Pairing with you"),
    ("한국투자증권 키", "KIS keys"),
    ("HTS ID", "HTS id"),
    ("한도", "Limits"),
    ("점검", "Doctor"),
    ("서비스", "Service"),
)


def keep_what_is_there(name: str, where: str, lang: Lang) -> str:
    """Asked where a value exists already."""
    return lang.pick(
        f"{name}: 이미 있습니다({where}). 그대로 둘까요? [예]: ",
        f"{name} is there already ({where}). Keep it? [yes]: ",
    )


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
    return lang.pick(
        "시작할 때 읽을 수 있게 마스터 암호를 둘 곳이 필요합니다.\n"
        f"  예: {file}에 저장(0600). 쉽지만 이 컴퓨터의 파일을 읽는 사람은 키도 읽습니다.\n"
        "  아니오: 직접 둡니다. 서버에서는 /etc/dolpa/master_passphrase (root만 읽음, systemd "
        "LoadCredential).\n저장할까요? [아니오]: ",
        "The assistant has to find the passphrase when it starts.\n"
        f"  yes: into {file} (0600). Easy, but who reads this machine's files reads the keys.\n"
        "  no: you put it somewhere; on a server /etc/dolpa/master_passphrase (root only, systemd "
        "LoadCredential).\nInto the file? [no]: ",
    )


def ask_token(lang: Lang) -> str:
    """From BotFather."""
    return lang.pick(
        "텔레그램에서 @BotFather에게 /newbot을 보내고 받은 토큰을 붙여 넣으세요 (보이지 않음): ",
        "Send /newbot to @BotFather in Telegram and paste the token you get (not shown): ",
    )


def bot_found(username: str, lang: Lang) -> str:
    """The token is good."""
    return lang.pick(f"✅ @{username}", f"✅ @{username}")


def pair_now(username: str, code: str, link: str, minutes: int, lang: Lang) -> str:
    """What to do in Telegram."""
    return lang.pick(
        f"휴대폰에서 이 링크를 열고 시작(Start)을 누르세요: {link}\n"
        f"또는 @{username}에게 이 코드를 보내세요: {code}\n"
        f"{minutes}분 동안 기다립니다. 코드를 남에게 보이지 마세요: 먼저 보낸 사람이 주인이 "
        f"됩니다.",
        f"Open this link on your phone and press Start: {link}\n"
        f"Or send this code to @{username}: {code}\n"
        f"Waiting for {minutes} minutes. Show the code to nobody: who sends it first is the owner.",
    )


def paired(user_id: int, lang: Lang) -> str:
    """It came."""
    return lang.pick(f"✅ 연결됐습니다 (사용자 {user_id})", f"✅ Paired (user {user_id})")


def ask_side(*, is_paper: bool, is_default: bool, lang: Lang) -> str:
    """Real and paper are two sets of keys."""
    default = lang.pick("예", "yes") if is_default else lang.pick("아니오", "no")
    if is_paper:
        return lang.pick(
            f"모의투자 계좌를 연결할까요? [{default}]: ",
            f"Connect the paper account (모의투자)? [{default}]: ",
        )
    return lang.pick(
        f"실전 계좌를 연결할까요? (모의실행의 시세에도 필요) [{default}]: ",
        f"Connect the real account? (a dry run needs its quotes, too) [{default}]: ",
    )


def one_side_is_needed(lang: Lang) -> str:
    """Neither was wanted."""
    return lang.pick(
        "둘 중 하나는 있어야 합니다. 키는 https://apiportal.koreainvestment.com 에서 신청합니다.",
        "One of the two is needed. Apply for keys at https://apiportal.koreainvestment.com .",
    )


def ask_hidden(name: str, lang: Lang) -> str:
    """A key, a secret, an account."""
    return lang.pick(f"{name} (보이지 않음): ", f"{name} (not shown): ")


def checking(lang: Lang) -> str:
    """KIS is asked."""
    return lang.pick("KIS에 확인하는 중…", "Asking KIS…")


def waiting(seconds: int, lang: Lang) -> str:
    """One token a minute."""
    return lang.pick(
        f"KIS는 접근토큰을 1분에 하나만 줍니다(EGW00133). {seconds}초 기다렸다가 다시 묻습니다…",
        f"KIS issues one access token a minute (EGW00133). Asking again in {seconds} s…",
    )


def account_found(krx: int | None, us: int | None, lang: Lang) -> str:
    """Holdings by market; None: that market refused."""
    korean, american = ("-" if count is None else str(count) for count in (krx, us))
    return lang.pick(
        f"✅ 계좌 확인: 국내 {korean}종목, 미국 {american}종목",
        f"✅ Account: {korean} Korean holding(s), {american} US",
    )


def ask_try_again(lang: Lang) -> str:
    """The same once more."""
    return lang.pick("다시 하려면 Enter: ", "Enter to try again: ")


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


def market_refused(market: str, reason: str, lang: Lang) -> str:
    """One market did not answer; the other did."""
    return lang.pick(f"⚠️ {market}: {reason}", f"⚠️ {market}: {reason}")


def ask_hts_id(lang: Lang) -> str:
    """For execution notices."""
    return lang.pick(
        "HTS ID (체결통보용, 없으면 Enter: 조회로만 확인): ",
        "HTS id (for execution notices; Enter without one: polling only): ",
    )


def ask_limit(what: tuple[str, str], now: str, lang: Lang) -> str:
    """A figure of config.yaml."""
    return f"{lang.pick(*what)} [{now}]: "


def not_allowed(allowed: str, lang: Lang) -> str:
    """A figure out of bounds."""
    return lang.pick(f"허용: {allowed}", f"Allowed: {allowed}")


def kept(places: str, lang: Lang) -> str:
    """Written."""
    return lang.pick(f"\n✅ 저장했습니다: {places}", f"\n✅ Kept: {places}")


def missing(name: str, flag: str, lang: Lang) -> str:
    """Nobody can be asked."""
    return lang.pick(
        f"{name}: 값이 없습니다. {flag}로 주거나 터미널에서 실행하세요.",
        f"{name} is missing. Give it by {flag}, or run this in a terminal.",
    )


def still_in_clear(place: str, lang: Lang) -> str:
    """What was kept as it is."""
    return lang.pick(
        f"⚠️ {place}에 키가 그대로 있습니다. 옮기고 지우기: run.py secrets import {place}",
        f"⚠️ {place} still holds keys in clear. Take them over and wipe it: "
        f"run.py secrets import {place}",
    )


def stopped(reason: str, lang: Lang) -> str:
    """A file or a setting is in the way; ``reason`` names it."""
    return lang.pick(
        f"설정을 끝내지 못했습니다: {reason}\n이름이 나온 파일이나 값을 고친 뒤 다시: python3 "
        f"run.py setup",
        f"Setup could not be finished: {reason}\nMend the file or value named there, then again: "
        "python3 run.py setup",
    )


def interrupted(lang: Lang, *, is_kept: bool) -> str:
    """Ctrl-C."""
    if is_kept:
        return lang.pick(
            "\n중단했습니다. 답은 모두 저장됐습니다. 점검: python3 run.py doctor",
            "\nBroken off; all answers are kept. Look at them: python3 run.py doctor",
        )
    return lang.pick(
        "\n중단했습니다. 바뀐 것은 없습니다. 다시: python3 run.py setup",
        "\nBroken off; nothing has changed. Again: python3 run.py setup",
    )


def runs_already(lang: Lang) -> str:
    """The bot is taken by our own assistant."""
    return lang.pick(
        "이 데이터 폴더로 이미 실행 중입니다. 먼저 멈추세요: sudo systemctl stop dolpa (또는 "
        "python3 run.py stop)",
        "The assistant runs on this data directory. Stop it first: sudo systemctl stop dolpa (or "
        "python3 run.py stop).",
    )


def service(*, has_systemd: bool, is_in_file: bool, lang: Lang) -> str:
    """How it is started."""
    if not has_systemd:
        return lang.pick(
            "이 컴퓨터에는 systemd가 없습니다. 직접 시작하세요: python3 run.py bot",
            "There is no systemd here. Start it yourself: python3 run.py bot",
        )
    place = "" if is_in_file else lang.pick(_CREDENTIAL_KO, _CREDENTIAL_EN)
    return place + lang.pick(
        "서비스 설치와 시작:\n  sudo deploy/bootstrap.sh\n  sudo systemctl enable --now dolpa\n"
        "  systemctl status dolpa",
        "Install and start the service:\n  sudo deploy/bootstrap.sh\n"
        "  sudo systemctl enable --now dolpa\n  systemctl status dolpa",
    )


_CREDENTIAL_KO = "마스터 암호를 root만 읽게 두세요: /etc/dolpa/master_passphrase (0600)\n"
_CREDENTIAL_EN = (
    "Put the passphrase where only root reads it: /etc/dolpa/master_passphrase (0600)\n"
)
