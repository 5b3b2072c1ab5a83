"""What to do about a guard that just stopped a desk's entries, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.format.lang import Lang
from engine.model.state_facts import Trouble

_Pairs = tuple[str, str]
_BY_ITSELF = ("회복되면 저절로 풀립니다.", "It ends by itself when that is over.")
_BY_HAND = (
    "그 뒤 /resume 에서 [가드 해제]를 누르세요.",
    "Then press [Release guard] under /resume.",
)
_IN_THE_APP = ("급한 매도는 한투 앱에서 하세요.", "Sell in KIS's app if it cannot wait.")

_TO_DO: Mapping[Trouble, tuple[_Pairs, ...]] = {
    Trouble.QUOTA: (
        ("남겨 둔 호출로 청산을 계속합니다.", "Exits go on with the calls kept for them."),
        ("다음 거래일에 저절로 풀립니다.", "It ends with the next trading day."),
    ),
    Trouble.REFUSALS: (
        (
            "같은 앱키를 쓰는 다른 프로그램이 있으면 끄세요.",
            "End any other program that uses the same app key.",
        ),
        _BY_ITSELF,
    ),
    Trouble.API: (("KIS 공지를 확인하세요.", "See KIS's notices."), _IN_THE_APP, _BY_ITSELF),
    Trouble.ACCOUNT: (("KIS 공지를 확인하세요.", "See KIS's notices."), _IN_THE_APP, _BY_ITSELF),
    Trouble.SILENCE: (
        ("서버의 인터넷 연결을 확인하세요.", "Check the machine's connection."),
        _IN_THE_APP,
        _BY_ITSELF,
    ),
    Trouble.STREAM: (
        ("청산은 조회한 시세로 계속합니다.", "Exits go on with prices asked for."),
        _BY_ITSELF,
    ),
    Trouble.CLOCK: (("서버의 NTP를 켜세요.", "Switch NTP on."), _BY_ITSELF),
    Trouble.SERVICE: (("서버의 기록을 확인하세요.", "See the log on the machine."), _BY_HAND),
    Trouble.CONFLICT: (
        ("다른 프로그램을 끄거나 토큰을 바꾸세요.", "End the other one, or change the token."),
        _BY_HAND,
    ),
    Trouble.REJECTS: (
        ("거부된 이유를 /orders와 알림에서 보세요.", "See why in /orders and the alerts."),
        _BY_HAND,
    ),
    Trouble.DRIFT: (
        ("/trades에서 가격을 확인하세요.", "See the prices in /trades."),
        _BY_HAND,
    ),
    Trouble.MISMATCH: (
        ("알림의 질문에 답하세요.", "Answer the question in the alerts."),
        _BY_HAND,
    ),
}


def of(trouble: Trouble, lang: Lang) -> str | None:
    """One line; None where the limits of the trader's own making say enough."""
    steps = _TO_DO.get(trouble)
    if steps is None:
        return None
    return lang.pick("할 일: ", "To do: ") + " ".join(lang.pick(*step) for step in steps)
