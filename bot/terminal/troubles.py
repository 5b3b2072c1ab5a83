"""Everything that can go wrong at first contact: what it means and what to do, in both languages.

The wizard says it under a question, the doctor under its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from bot.format.lang import Lang
from engine.errors import AuthExpired, BrokerError, BrokerUnavailable, RateLimited


class Trouble(StrEnum):
    """One kind of it."""

    NO_SECRETS = "no_secrets"
    WRONG_PASSPHRASE = "wrong_passphrase"  # noqa: S105 - a name
    STORE_DAMAGED = "store_damaged"
    NO_USERS = "no_users"
    TOKEN_SHAPE = "token_shape"  # noqa: S105 - a name
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a name
    TELEGRAM_AWAY = "telegram_away"
    TELEGRAM_FAILS = "telegram_fails"
    OTHER_POLLER = "other_poller"
    WEBHOOK = "webhook"
    PAIRED_IN_GROUP = "paired_in_group"
    PAIRING_OVER = "pairing_over"
    BLOCKED = "blocked"
    KEY_SHAPE = "key_shape"
    KEY_REFUSED = "key_refused"
    SECRET_REFUSED = "secret_refused"  # noqa: S105 - a name
    PAPER_KEY = "paper_key"
    REAL_KEY = "real_key"
    OTHER_SERVER = "other_server"
    NO_TOKEN = "no_token"  # noqa: S105 - a name
    TOKEN_TOO_SOON = "token_too_soon"  # noqa: S105 - a name
    ACCOUNT_SHAPE = "account_shape"
    ACCOUNT_REFUSED = "account_refused"
    NOT_ENTITLED = "not_entitled"
    FOREIGN_ADDRESS = "foreign_address"
    KIS_AWAY = "kis_away"
    KIS_DOWN = "kis_down"
    TOO_MANY_CALLS = "too_many_calls"
    KIS_REFUSES = "kis_refuses"
    HTS_SHAPE = "hts_shape"
    HTS_REFUSED = "hts_refused"
    SOCKET_AWAY = "socket_away"
    SOCKET_SILENT = "socket_silent"
    SOCKET_IN_USE = "socket_in_use"
    SOCKET_KEY = "socket_key"


def _both(ko: str, en: str) -> tuple[str, str]:
    return ko, en


_WORDS: Mapping[Trouble, tuple[str, str]] = MappingProxyType({
    Trouble.NO_SECRETS: _both(
        ".env도 암호화 저장소도 없습니다. 처음이면 python3 run.py setup, 쓰던 .env가 있으면 이 "
        "폴더에 두세요.",
        "There is neither a .env nor an encrypted store. First time: python3 run.py setup. A .env "
        "of before: put it into this folder.",
    ),
    Trouble.WRONG_PASSPHRASE: _both(
        "이 암호로는 저장소가 열리지 않습니다. 처음 정한 암호를 넣으세요. 잃었다면 Ctrl-C 뒤 "
        "data/secrets.enc를 치우고 다시 setup 하세요(키를 새로 넣습니다).",
        "This passphrase does not open the store; give the one it was made with. Where that is "
        "lost: Ctrl-C, move data/secrets.enc away, and run setup again (all keys anew).",
    ),
    Trouble.STORE_DAMAGED: _both(
        "data/secrets.enc가 손상됐습니다. 백업에서 되돌리거나, 치우고 다시 setup 하세요.",
        "data/secrets.enc is damaged. Restore it from a backup, or move it away and run setup "
        "again.",
    ),
    Trouble.NO_USERS: _both(
        "TELEGRAM_CHAT_ID가 비어 봇이 아무 말도 듣지 않습니다. python3 run.py setup에서 "
        "연결하세요.",
        "TELEGRAM_CHAT_ID is empty: the bot would obey nobody. Pair it: python3 run.py setup.",
    ),
    Trouble.TOKEN_SHAPE: _both(
        "봇 토큰 모양이 아닙니다. BotFather가 준 한 줄(숫자:영문)을 그대로 붙여 넣으세요.",
        "That is no bot token. Paste the line that BotFather gave you (digits:letters) as it is.",
    ),
    Trouble.TOKEN_REFUSED: _both(
        "텔레그램이 토큰을 거부했습니다(401). BotFather에서 /mybots → API Token으로 다시 "
        "복사하세요.",
        "Telegram refused the token (401). Copy it again: BotFather, /mybots, API Token.",
    ),
    Trouble.TELEGRAM_AWAY: _both(
        "텔레그램에 연결되지 않습니다. 인터넷과 방화벽(api.telegram.org:443 나가는 방향)을 "
        "확인하세요.",
        "Telegram cannot be reached. Check the internet and the firewall (outbound to "
        "api.telegram.org:443).",
    ),
    Trouble.TELEGRAM_FAILS: _both(
        "텔레그램이 지금 답하지 못합니다. 1분 뒤 다시 하세요.",
        "Telegram does not answer properly now. Try again in a minute.",
    ),
    Trouble.OTHER_POLLER: _both(
        "다른 프로그램이 이 봇을 쓰고 있습니다. 먼저 멈추세요: sudo systemctl stop dolpa, 또는 "
        "BotFather에서 토큰을 새로 받으세요(/revoke).",
        "Another program listens to this bot. Stop it first: sudo systemctl stop dolpa, or have "
        "BotFather issue a new token (/revoke).",
    ),
    Trouble.WEBHOOK: _both(
        "이 봇은 웹훅을 쓰고 있습니다. 다른 서비스에 연결된 봇이면 새 봇을 만드세요(BotFather, "
        "/newbot).",
        "This bot has a webhook: it belongs to another service. Make a new one (BotFather, "
        "/newbot).",
    ),
    Trouble.PAIRED_IN_GROUP: _both(
        "그룹에서 보낸 코드는 받지 않습니다. 그룹의 모두가 계좌를 보고 버튼을 누를 수 있습니다. "
        "봇과의 1:1 채팅에서 보내세요.",
        "A code sent in a group is not taken: everybody there would see the account and could "
        "press its buttons. Send it in a private chat with the bot.",
    ),
    Trouble.PAIRING_OVER: _both(
        "시간이 지나 코드가 만료됐습니다. 새 코드로 다시 하세요.",
        "Time is up and the code has expired. Try again with a new one.",
    ),
    Trouble.BLOCKED: _both(
        "봇이 메시지를 보낼 수 없습니다. 텔레그램에서 봇을 열어 시작(Start)을 누르고 차단을 "
        "푸세요.",
        "The bot may not write to you. Open it in Telegram, press Start, and unblock it.",
    ),
    Trouble.KEY_SHAPE: _both(
        "KIS 키 모양이 아닙니다. 앱키는 36자, 앱시크릿은 180자입니다. 빈칸 없이 그대로 붙여 "
        "넣으세요.",
        "That is no KIS key. An app key has 36 letters, an app secret 180. Paste it whole, "
        "without blanks.",
    ),
    Trouble.KEY_REFUSED: _both(
        "KIS가 앱키를 거부했습니다. KIS Developers의 앱키를 그대로 복사했는지, 해지·만료되지 "
        "않았는지 보세요.",
        "KIS refused the app key. Copy it again from KIS Developers; it may have been withdrawn "
        "or have run out.",
    ),
    Trouble.SECRET_REFUSED: _both(
        "앱키는 맞지만 KIS가 앱시크릿을 거부했습니다. 같은 줄의 앱시크릿을 다시 복사하세요.",
        "The app key is right, but KIS refused the app secret. Copy the one of the same row again.",
    ),
    Trouble.PAPER_KEY: _both(
        "이것은 모의투자 키입니다. 실전 키는 KIS Developers에서 실전투자 계좌로 따로 신청합니다.",
        "This is a key of the paper account (모의투자). The real account's is issued separately at "
        "KIS Developers.",
    ),
    Trouble.REAL_KEY: _both(
        "이것은 실전 키입니다. 모의투자 키는 KIS Developers에서 모의투자 계좌로 따로 신청합니다.",
        "This is a key of the real account. The paper account's (모의투자) is issued separately at "
        "KIS Developers.",
    ),
    Trouble.OTHER_SERVER: _both(
        "실전 키를 모의투자에, 또는 모의투자 키를 실전에 썼습니다. 두 키를 바꿔 넣지 않았는지 "
        "보세요.",
        "A real key at the paper server, or the reverse. Check that the two are not exchanged.",
    ),
    Trouble.NO_TOKEN: _both(
        "접근토큰이 없어 묻지 못했습니다. 토큰 줄을 먼저 해결하세요.",
        "Could not be asked without an access token: see the line of the token first.",
    ),
    Trouble.TOKEN_TOO_SOON: _both(
        "KIS는 접근토큰을 1분에 하나만 줍니다(EGW00133). 1분 뒤 다시 하세요.",
        "KIS issues one access token a minute (EGW00133). Try again in a minute.",
    ),
    Trouble.ACCOUNT_SHAPE: _both(
        "계좌번호는 12345678-01 모양입니다(앞 여덟 자리, 상품코드 두 자리).",
        "An account number looks like 12345678-01: eight digits, two of the product.",
    ),
    Trouble.ACCOUNT_REFUSED: _both(
        "키는 맞지만 이 계좌가 아닙니다. 키를 신청한 계좌의 번호와 상품코드(-01)를 확인하세요.",
        "The keys are right, but not for this account. Give the number the keys were applied for, "
        "with its product (-01).",
    ),
    Trouble.NOT_ENTITLED: _both(
        "이 계좌는 이 시장을 신청하지 않았습니다. KIS 앱에서 신청하거나(해외주식 거래신청), 그 "
        "데스크를 끄세요.",
        "The account is not entitled to this market. Apply in KIS's app (해외주식 거래신청), or "
        "turn "
        "that desk off.",
    ),
    Trouble.FOREIGN_ADDRESS: _both(
        "KIS Developers에 등록한 IP 주소가 아닙니다. 이 서버의 주소를 등록하거나 제한을 푸세요.",
        "KIS Developers allows other IP addresses only. Add this machine's, or lift the limit.",
    ),
    Trouble.KIS_AWAY: _both(
        "KIS에 연결되지 않습니다. 인터넷과 방화벽(나가는 방향 9443, 모의 29443)을 확인하세요.",
        "KIS cannot be reached. Check the internet and the firewall (outbound 9443, paper 29443).",
    ),
    Trouble.KIS_DOWN: _both(
        "KIS가 지금 답하지 못합니다(점검일 수 있음). 잠시 뒤 다시 하세요.",
        "KIS does not answer properly now (maintenance, perhaps). Try again in a while.",
    ),
    Trouble.TOO_MANY_CALLS: _both(
        "KIS 호출이 너무 잦습니다. 같은 키를 쓰는 다른 프로그램을 멈추고 1분 뒤 다시 하세요.",
        "Too many calls to KIS. Stop other programs that use the same keys, try again in a minute.",
    ),
    Trouble.KIS_REFUSES: _both(
        "KIS가 거부했습니다. 아래 코드를 KIS Developers 오류표에서 찾아보세요.",
        "KIS refused. Look the code below up in the list of errors of KIS Developers.",
    ),
    Trouble.HTS_SHAPE: _both(
        "HTS ID는 영문·숫자입니다. KIS에 등록한 그대로, 빈칸 없이 넣으세요.",
        "An HTS id is of letters and digits. Give it as registered at KIS, without blanks.",
    ),
    Trouble.HTS_REFUSED: _both(
        "KIS가 HTS ID를 거부했습니다. 대소문자까지 등록한 그대로여야 합니다: python3 run.py "
        "secrets set KIS_HTS_ID",
        "KIS refused the HTS id. It must be as registered, capitals too: "
        "python3 run.py secrets set KIS_HTS_ID",
    ),
    Trouble.SOCKET_AWAY: _both(
        "웹소켓에 연결되지 않습니다. 방화벽에서 ops.koreainvestment.com 21000(모의 31000) 나가는 "
        "방향을 여세요.",
        "No WebSocket connection. Open the firewall outbound to ops.koreainvestment.com 21000 "
        "(paper 31000).",
    ),
    Trouble.SOCKET_SILENT: _both(
        "웹소켓이 연결됐지만 답이 없습니다. 잠시 뒤 다시 하세요. 계속되면 api.websocket_url을 "
        "확인하세요.",
        "The WebSocket connects but does not answer. Try again in a while; if it goes on, check "
        "api.websocket_url.",
    ),
    Trouble.SOCKET_IN_USE: _both(
        "이 앱키의 웹소켓을 다른 프로그램이 쓰고 있습니다. 그 프로그램을 멈추고 1분 뒤 다시 "
        "하세요.",
        "Another program holds the WebSocket of this app key. Stop it, try again in a minute.",
    ),
    Trouble.SOCKET_KEY: _both(
        "KIS가 웹소켓 접속키를 주지 않거나 거부했습니다. 앱키와 앱시크릿을 확인하세요.",
        "KIS gave no approval key for the WebSocket, or refused it. Check app key and app secret.",
    ),
})  # fmt: skip

_OF_CODES: Mapping[str, Trouble] = MappingProxyType({
    **dict.fromkeys(("EGW00102", "EGW00103", "EGW00304"), Trouble.KEY_REFUSED),
    **dict.fromkeys(("EGW00104", "EGW00105"), Trouble.SECRET_REFUSED),
    **dict.fromkeys(("OPSQ2000", "APAC0081", "APAC0489"), Trouble.ACCOUNT_REFUSED),
    **dict.fromkeys(("EGW00205", "EGW02004"), Trouble.OTHER_SERVER),
    "EGW00206": Trouble.NOT_ENTITLED,
    "EGW00207": Trouble.FOREIGN_ADDRESS,
    "EGW00133": Trouble.TOKEN_TOO_SOON,
    "OPSP8996": Trouble.SOCKET_IN_USE,
    "OPSP0011": Trouble.SOCKET_KEY,
})  # fmt: skip


def explain(trouble: Trouble, lang: Lang, detail: str = "") -> str:
    """What it means and what to do; ``detail`` (KIS's code) behind it."""
    text = lang.pick(*_WORDS[trouble])
    return f"{text} [{detail}]" if detail else text


def trouble_of(error: BrokerError) -> Trouble:
    """The kind of a refusal or silence of KIS."""
    known = _OF_CODES.get(error.code)
    if known is not None:
        return known
    if isinstance(error, AuthExpired):
        return Trouble.NO_TOKEN
    if isinstance(error, RateLimited):
        return Trouble.TOO_MANY_CALLS
    if isinstance(error, BrokerUnavailable):
        return Trouble.KIS_DOWN if error.code or "HTTP" in error.text else Trouble.KIS_AWAY
    return Trouble.KIS_REFUSES


def explain_broker(error: BrokerError, lang: Lang) -> str:
    """The same in words, with KIS's code."""
    return explain(trouble_of(error), lang, error.code)
