"""What is said to somebody who typed a secret into the chat. It is never repeated."""

from __future__ import annotations

from bot.format.lang import Lang
from bot.format.markup import code, lines


def removed(lang: Lang) -> str:
    """The message is gone."""
    return lines(
        lang.pick(
            "🔑 비밀값(키·토큰·계좌번호)으로 보이는 메시지를 채팅에서 지웠습니다. "
            "실행하거나 저장하지 않았습니다.",
            "🔑 A message that looked like a secret (key, token, account number) was deleted from "
            "the chat. It was neither acted on nor stored.",
        ),
        _renew(lang),
    )


def still_there(lang: Lang) -> str:
    """Telegram did not delete it."""
    return lines(
        lang.pick(
            "🔑 비밀값(키·토큰·계좌번호)으로 보이는 메시지를 받았지만 지우지 못했습니다. "
            "지금 직접 지워 주세요. 실행하거나 저장하지 않았습니다.",
            "🔑 A message looks like a secret (key, token, account number) and could not be "
            "deleted: please delete it now. It was neither acted on nor stored.",
        ),
        _renew(lang),
    )


def _renew(lang: Lang) -> str:
    return lines(
        lang.pick(
            "채팅에 적은 키와 토큰은 유출된 것으로 보고 새로 발급받으세요.",
            "A key or token typed in a chat counts as known to others: have a new one issued.",
        ),
        lang.pick("넣는 곳은 서버입니다: ", "Its place is on the machine: ")
        + code("run.py secrets set NAME"),
    )
