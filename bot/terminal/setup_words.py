"""What the wizard asks and says, in both languages. Troubles are in ``troubles``."""

from __future__ import annotations

from bot.format.lang import Lang
from bot.terminal import here
from bot.terminal.passphrase_words import passphrase_at_start

LANGUAGE = "언어 / Language [ko/en]"
LANGUAGES = "⚠️ ko(한국어) 또는 en(영어)을 입력하세요. / ko (Korean) or en (English), please."
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


def yes_or_no(lang: Lang) -> str:
    """Neither was said."""
    return lang.pick(
        "⚠️ 예 또는 아니오로 답하세요(y, n도 됩니다).", "⚠️ Answer yes or no (y and n do, too)."
    )


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
    wipe = here.typed(f"secrets import {place}")
    return lang.pick(
        f"⚠️ {place}에 키가 그대로 있습니다. 옮기고 지우기: {wipe}",
        f"⚠️ {place} still holds keys in clear. Take them over and wipe it: {wipe}",
    )


def stopped(reason: str, lang: Lang) -> str:
    """A file or a setting is in the way; ``reason`` names it."""
    again = here.typed("setup")
    return lang.pick(
        f"설정을 끝내지 못했습니다: {reason}\n이름이 나온 파일이나 값을 고친 뒤 다시: {again}",
        f"Setup could not be finished: {reason}\nMend the file or value named there, then again: "
        f"{again}",
    )


def interrupted(lang: Lang, *, is_kept: bool) -> str:
    """Ctrl-C."""
    if is_kept:
        look = here.typed("doctor")
        return lang.pick(
            f"\n중단했습니다. 답은 모두 저장됐습니다. 점검: {look}",
            f"\nBroken off; all answers are kept. Look at them: {look}",
        )
    again = here.typed("setup")
    return lang.pick(
        f"\n중단했습니다. 바뀐 것은 없습니다. 다시: {again}",
        f"\nBroken off; nothing has changed. Again: {again}",
    )


def service(*, is_passphrase_kept: bool, has_systemd: bool, lang: Lang) -> str:
    """What is left to do. ``is_passphrase_kept``: the start finds it without asking."""
    if here.is_installed():
        return _installed(has_systemd=has_systemd, lang=lang)
    told = [lang.pick(f"시작: {here.start()}", f"Start it: {here.start()}")]
    if not is_passphrase_kept:
        told.append(passphrase_at_start(lang))
    if has_systemd:
        told.append(
            lang.pick(
                "서버에서 서비스로 쓰려면: sudo deploy/bootstrap.sh, 그다음 sudo dolpa setup "
                "(docs/install.md)",
                "As a service on a server: sudo deploy/bootstrap.sh, then sudo dolpa setup "
                "(docs/install.md)",
            )
        )
    return "\n".join(told)


def _installed(*, has_systemd: bool, lang: Lang) -> str:
    """``deploy/bootstrap.sh`` has made the passphrase and the service, which starts at boot."""
    if not has_systemd:
        return lang.pick(
            "서비스는 이미 설치돼 있고, systemd가 도는 다음 부팅 때 시작합니다.",
            "The service is installed already, and starts with the next boot that runs systemd.",
        )
    return lang.pick(
        f"서비스와 마스터 암호는 이미 준비돼 있습니다. 남은 일은 시작뿐입니다: {here.start()}\n"
        "다음부터는 부팅할 때 시작합니다. 보기: systemctl status dolpa, journalctl -u dolpa -f",
        f"Service and passphrase are in place already. All that is left: {here.start()}\n"
        "From now on it starts at boot. To look: systemctl status dolpa, journalctl -u dolpa -f",
    )
