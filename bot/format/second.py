"""Alerts for a second messenger, and what the chat is told of it."""

from __future__ import annotations

from bot.format.lang import Lang
from bot.format.markup import lines, unmarked, utf16_length
from engine.model.receipts import Denial

_CUT = "…"
_WHY: dict[Denial, tuple[str, str]] = {
    Denial.TOKEN: (
        "리프레시 토큰이 끝났거나 취소되었습니다.",
        "the refresh token has ended or was revoked.",
    ),
    Denial.KEY: (
        "REST API 키 또는 클라이언트 시크릿이 맞지 않습니다.",
        "the REST API key or the client secret is wrong.",
    ),
    Denial.SCOPE: (
        "메시지 전송 권한(talk_message)이 없습니다.",
        "the permission talk_message is missing.",
    ),
    Denial.ACCOUNT: (
        "카카오 앱 또는 계정이 막혀 있습니다.",
        "the Kakao app or account is blocked.",
    ),
}
_WHAT: dict[Denial, tuple[str, str]] = {
    Denial.TOKEN: (
        "다시 로그인해 새 토큰을 KAKAO_REFRESH_TOKEN에 넣고 재시작하세요.",
        "Log in again, put the new token into KAKAO_REFRESH_TOKEN, then restart.",
    ),
    Denial.KEY: (
        "KAKAO_REST_API_KEY(시크릿을 켰다면 KAKAO_CLIENT_SECRET도)를 고치고 재시작하세요.",
        "Mend KAKAO_REST_API_KEY (and KAKAO_CLIENT_SECRET where it is on), then restart.",
    ),
    Denial.SCOPE: (
        "카카오 콘솔의 동의항목에서 켜고, 동의한 뒤 새 토큰을 넣고 재시작하세요.",
        "Switch it on among the app's consent items, consent, restart with the new token.",
    ),
    Denial.ACCOUNT: (
        "developers.kakao.com의 앱 상태와 카카오톡 계정을 확인하세요.",
        "Look at the app on developers.kakao.com and at the KakaoTalk account.",
    ),
}


def brief(text: str, missed: int, longest: int, lang: Lang) -> str:
    """An alert as plain words of at most ``longest`` UTF-16 units, cut at a line where possible.

    ``missed``: how many before it never went out.
    """
    head = (
        lang.pick(f"({missed}건은 텔레그램에만)", f"({missed} only in Telegram)")
        if missed
        else None
    )
    kept = lines(head, *(row for row in unmarked(text).splitlines() if row.strip()))
    if utf16_length(kept) <= longest:
        return kept
    while "\n" in kept and utf16_length(kept + _CUT) > longest:
        kept = kept.rpartition("\n")[0]
    while utf16_length(kept + _CUT) > longest:
        kept = kept[:-1]
    return kept + _CUT


def denied(denial: Denial, lang: Lang) -> str:
    """It will not take any more; what to do."""
    return lines(
        lang.pick("⚠️ 카카오톡 알림 중단: ", "⚠️ No more alerts by KakaoTalk: ")
        + lang.pick(*_WHY[denial]),
        lang.pick(*_WHAT[denial]),
        lang.pick(
            "텔레그램 알림과 매매는 그대로입니다. 다시 될 때까지 한 시간에 한 번쯤만 시도합니다.",
            "Telegram and trading go on. It is tried about once an hour until it works again.",
        ),
    )


def spent(lang: Lang) -> str:
    """The day's allowance is used up."""
    return lang.pick(
        "카카오톡의 하루 전송 한도를 다 썼습니다. 내일(한국 시간)까지는 텔레그램에만 알립니다.",
        "KakaoTalk's allowance of the day is used up: until tomorrow (KST) alerts come here only.",
    )


def again(lang: Lang) -> str:
    """It works after it was denied."""
    return lang.pick("✅ 카카오톡 알림이 다시 됩니다.", "✅ Alerts by KakaoTalk work again.")
